import type { Engine } from './deps.ts';
import type { Peer } from './frame.ts';
import type { Fresh } from './fresh.ts';

/**
 * `$disconnect`. A connection known to be its session's own costs one write and the removal of its sockets; of another one
 * the session is read first, because a probe that failed leaves its session polling; and one that Causeway closed has ended.
 */
export async function disconnected(engine: Engine, fresh: Fresh, { sid, connectionId }: Peer): Promise<void> {
  if (!fresh.isSettled(connectionId)) {
    const session = await engine.stores.sessions.get(sid);
    if (session?.connectionId !== connectionId || session.closed !== undefined) return;
  }
  await engine.sessions.endWith(sid, 'transport close', { disconnected: true });
}
