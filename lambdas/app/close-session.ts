import type { Deps } from './deps.ts';
import type { SessionKey } from '../ports/stores.ts';

/**
 * $disconnect: removes the session, then its rows in all rooms. Two rounds of calls. A row that cannot be removed now
 * does not keep the others: it is found by the next fan-out or by its expiry. Does nothing for a session closed before.
 * Rejects with `unavailable` only while nothing was done.
 */
export async function closeSession(
  deps: Pick<Deps, 'sessions' | 'members' | 'log'>,
  { userId, connectionId }: SessionKey,
): Promise<void> {
  const session = await deps.sessions.close({ userId, connectionId });
  if (session === undefined) return;
  const removals = await Promise.allSettled(
    session.rooms.map((room) => deps.members.remove(connectionId, room)),
  );
  const left = removals.filter((removal) => removal.status === 'rejected').length;
  if (left > 0) deps.log.warn('rows of a closed connection were left', { connectionId, left });
}
