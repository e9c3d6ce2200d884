import type { Participant } from '../domain/entities.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import type { Deps } from './deps.ts';
import { notParticipant } from './refusals.ts';

/** Undefined only after a strong read said so: an eventual read may not know a participant of a moment ago. */
export async function findParticipant(
  deps: Pick<Deps, 'rooms'>,
  roomId: RoomId,
  userId: UserId,
): Promise<Participant | undefined> {
  return (
    (await deps.rooms.participant(roomId, userId, 'eventual')) ??
    (await deps.rooms.participant(roomId, userId, 'strong'))
  );
}

/** For writes that grant or store something: rejects with `not_participant`, and is never out of date. */
export async function requireParticipant(
  deps: Pick<Deps, 'rooms'>,
  roomId: RoomId,
  userId: UserId,
): Promise<Participant> {
  const participant = await deps.rooms.participant(roomId, userId, 'strong');
  if (participant === undefined) throw notParticipant();
  return participant;
}
