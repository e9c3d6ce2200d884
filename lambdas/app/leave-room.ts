import type { Actor, JoinedRoom } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { RoomId } from '../domain/ids.ts';
import { shardOf } from '../domain/shard.ts';
import type { Deps } from './deps.ts';

type LeaveDeps = Pick<Deps, 'members' | 'sessions' | 'memo'>;

/**
 * Stops a room's events for this connection; the right to come back stays. Idempotent, and the same answer for any
 * room, so it tells nothing about rooms. Two rounds: session → (live row ∥ note in the session).
 */
export async function leaveRoom(
  deps: LeaveDeps,
  { actor, roomId }: { readonly actor: Actor; readonly roomId: RoomId },
): Promise<Extract<DomainEvent, { kind: 'room.left' }>> {
  const { connectionId, id: userId } = actor;
  deps.memo.forget(connectionId, roomId);
  const session = await deps.sessions.get({ userId, connectionId });
  const noted = (session?.rooms ?? []).filter((room) => room.roomId === roomId);
  const rooms = noted.length > 0 ? noted : await presumedRows(deps, actor, roomId);
  await Promise.all([
    ...rooms.map((room) => deps.members.remove(connectionId, room)),
    ...noted.map((room) => deps.sessions.removeRoom({ userId, connectionId }, room)),
  ]);
  return { kind: 'room.left', roomId, userId };
}

/** Where a join that died half-way would have put its row. */
async function presumedRows(
  deps: Pick<Deps, 'members'>,
  { connectionId }: Actor,
  roomId: RoomId,
): Promise<readonly JoinedRoom[]> {
  return [{ roomId, shard: shardOf(connectionId, await deps.members.shards(roomId)) }];
}
