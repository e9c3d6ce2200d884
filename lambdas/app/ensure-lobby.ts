import type { Millis } from '../domain/entities.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import type { Deps } from './deps.ts';

/** No user id has a `#`, so nobody has the creator's right to remove others. */
const NOBODY = '#nobody' as UserId;

/**
 * Makes a user a participant of the lobby, where everybody may be; makes the lobby with its first user. For who is in
 * already one eventually consistent read; who seems not to be is added, which changes nothing if it was not so.
 */
export async function ensureLobby(
  deps: Pick<Deps, 'rooms'>,
  { userId, lobby, at }: { readonly userId: UserId; readonly lobby: RoomId; readonly at: Millis },
): Promise<void> {
  if ((await deps.rooms.participant(lobby, userId, 'eventual')) !== undefined) return;
  const room = await deps.rooms.get(lobby);
  if (room === undefined) await deps.rooms.create({ id: lobby, createdBy: NOBODY, createdAt: at }, [userId]);
  else await deps.rooms.addParticipants(lobby, [userId], at);
}
