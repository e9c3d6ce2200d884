import type { Millis } from '../../lambdas/domain/entities.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { Clock } from '../../lambdas/ports/runtime.ts';
import type { EngineId, EngineSession } from '../../lambdas/ports/socketio.ts';

const ENTRIES = 10_000;
/** A client CONNECTs right after OPEN. */
const OPENED_MS: Millis = 60_000;

/**
 * What one warm instance happens to know, to save reads. Nothing depends on it: an instance that does not know asks the
 * store.
 */
export interface Fresh {
  opened(session: EngineSession): void;
  /** The session as it was opened here, once: nothing but a first CONNECT may be served from it. */
  take(sid: EngineId): EngineSession | undefined;
  /** This connection is the session's own, not a probe's. */
  settled(connectionId: ConnectionId): void;
  isSettled(connectionId: ConnectionId): boolean;
}

export function createFresh(clock: Clock): Fresh {
  const opened = new Map<EngineId, EngineSession>();
  const settled = new Set<ConnectionId>();
  function settle(connectionId: ConnectionId): void {
    settled.add(connectionId);
    dropOldest(settled);
  }
  return {
    opened(session) {
      opened.set(session.sid, session);
      dropOldest(opened);
      if (session.connectionId !== undefined) settle(session.connectionId);
    },
    take(sid) {
      const session = opened.get(sid);
      opened.delete(sid);
      return session !== undefined && clock.now() - session.openedAt < OPENED_MS ? session : undefined;
    },
    settled: settle,
    isSettled: (connectionId) => settled.has(connectionId),
  };
}

/** Maps and sets keep the order of insertion. */
function dropOldest<K>(entries: {
  readonly size: number;
  keys(): Iterator<K>;
  delete(key: K): unknown;
}): void {
  if (entries.size > ENTRIES) entries.delete(entries.keys().next().value as K);
}
