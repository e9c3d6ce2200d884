import type { Millis } from '../domain/entities.ts';
import { HANDSHAKE } from '../manifest/limits.ts';
import type { NativeAddress } from '../ports/mail.ts';
import type { Deps } from './deps.ts';

/** A connection to post to: found in a room, or among the sessions of a user. */
export type Target = NativeAddress;

/**
 * Removes what is left of a connection that API Gateway does not know any more: its row in the room, its session, and
 * the rows in all other rooms that the session lists. Never rejects: the next fan-out finds what is left.
 */
export async function reap(
  deps: Pick<Deps, 'members' | 'sessions' | 'log'>,
  target: Target,
  at: Millis,
): Promise<void> {
  if ('connectedAt' in target && at < target.connectedAt + HANDSHAKE.graceSeconds * 1000) return;
  try {
    await Promise.all([removeOwnRow(deps, target), removeSession(deps, target)]);
  } catch (error) {
    deps.log.warn('a gone connection could not be removed', { connectionId: target.connectionId, error });
  }
}

async function removeOwnRow(deps: Pick<Deps, 'members'>, target: Target): Promise<void> {
  if ('shard' in target) await deps.members.remove(target.connectionId, target);
}

async function removeSession(deps: Pick<Deps, 'members' | 'sessions'>, target: Target): Promise<void> {
  const { userId, connectionId } = target;
  const session = await deps.sessions.close({ userId, connectionId });
  const others = (session?.rooms ?? []).filter(
    (room) => !('shard' in target) || room.roomId !== target.roomId || room.shard !== target.shard,
  );
  await Promise.all(others.map((room) => deps.members.remove(connectionId, room)));
}
