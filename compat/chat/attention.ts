import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import type { UserId } from '../../lambdas/domain/ids.ts';
import { FAN_OUT, PRESENCE } from '../../lambdas/manifest/limits.ts';
import type { Later } from '../../lambdas/ports/later.ts';
import type { PresenceStore } from '../../lambdas/ports/presence.ts';
import type { Clock, Log } from '../../lambdas/ports/runtime.ts';
import type { EngineId, EngineSession, Namespace } from '../../lambdas/ports/socketio.ts';
import type { Person } from './person.ts';

interface AttentionDeps {
  readonly presence: Pick<PresenceStore, 'get'>;
  readonly later: Later;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sessions one instance remembers to have looked at. */
const REMEMBERED = 10_000;

/**
 * What the sweep does about sessions that came a while ago: once for each it sees that the user is marked as online, for whoever's
 * coming nobody was told of, because what was put off then was lost. One read a session and life. Never rejects.
 */
export function createAttention(
  { presence, later, clock, log }: AttentionDeps,
  { namespaces, periodMs }: { readonly namespaces: readonly Namespace[]; readonly periodMs: Millis },
): (sessions: readonly EngineSession[]) => Promise<void> {
  const seen = new Set<EngineId>();

  async function look(session: EngineSession, now: Millis): Promise<void> {
    if (seen.size >= REMEMBERED) seen.clear();
    seen.add(session.sid);
    for (const userId of usersOf(session, namespaces)) {
      const found = await presence.get(userId);
      if (found?.stage !== 'offline') continue;
      await later.schedule({ kind: 'presence.settle', userId, at: now }, 0);
    }
  }

  return async (sessions) => {
    const now = clock.now();
    const due = sessions.filter((session) => isNew(session, { now, periodMs }) && !seen.has(session.sid));
    await mapBounded(due, FAN_OUT.concurrency, async (session) => {
      try {
        await look(session, now);
      } catch (error) {
        seen.delete(session.sid);
        log.warn('presence of a new session was not looked at', { error });
      }
    });
  };
}

/** Old enough for its own messages to have come, young enough for this to be the first look or the second. */
function isNew(
  { openedAt, closed }: EngineSession,
  { now, periodMs }: { readonly now: Millis; readonly periodMs: Millis },
): boolean {
  const age = now - openedAt;
  return closed === undefined && age >= PRESENCE.tellingSeconds * 1000 && age < 2 * periodMs + 60_000;
}

function usersOf({ sockets }: EngineSession, namespaces: readonly Namespace[]): ReadonlySet<UserId> {
  const users = namespaces.flatMap((nsp) => {
    const socket = sockets[nsp];
    const { userId } = JSON.parse(socket?.data ?? '{}') as Partial<Person>;
    return userId === undefined ? [] : [userId];
  });
  return new Set(users);
}
