import type { Millis } from '../domain/entities.ts';
import { PRESENCE } from '../manifest/limits.ts';
import type { Later } from '../ports/later.ts';
import type { SessionKey } from '../ports/stores.ts';
import type { Deps } from './deps.ts';

type CloseDeps = Pick<Deps, 'sessions' | 'members' | 'log'>;

/**
 * A connection is gone: removes the session, then its rows in all rooms, and has the sweep forget it. Two rounds of calls. What
 * cannot be removed now does not keep the rest: it is found by the next fan-out or sweep, or expires. May be repeated.
 * Rejects with `unavailable` only while nothing was done.
 */
export async function closeSession(deps: CloseDeps, key: SessionKey): Promise<void> {
  await close(deps, key, []);
}

/**
 * As closeSession, and has somebody look whether its user is offline, once there was time to come back: without asking who else
 * is there, so that it does not matter which of several sessions ends last. When that fails the sweep finds the user.
 */
export async function endSession(
  deps: CloseDeps & { readonly later: Later },
  { userId, connectionId }: SessionKey,
  at: Millis,
): Promise<void> {
  const settle = () => deps.later.schedule({ kind: 'presence.settle', userId, at }, PRESENCE.graceSeconds);
  await close(deps, { userId, connectionId }, [settle]);
}

async function close(
  deps: CloseDeps,
  { userId, connectionId }: SessionKey,
  beside: readonly (() => Promise<void>)[],
): Promise<void> {
  const session = await deps.sessions.close({ userId, connectionId });
  const outcomes = await Promise.allSettled([
    ...(session?.rooms ?? []).map((room) => deps.members.remove(connectionId, room)),
    deps.sessions.unwatch(connectionId),
    ...beside.map((step) => step()),
  ]);
  const left = outcomes.filter(({ status }) => status === 'rejected').length;
  if (left > 0) deps.log.warn('not everything of a closed connection was done', { connectionId, left });
}
