import type { Millis } from '../domain/entities.ts';
import type { ConnectionId } from '../domain/ids.ts';
import type { Clock } from '../ports/runtime.ts';
import type { EngineSessionStore, SocketEntry, SocketIndex } from '../ports/socketio.ts';

export interface GreetedDeps {
  readonly sessions: Pick<EngineSessionStore, 'get'>;
  readonly sockets: Pick<SocketIndex, 'find'>;
  readonly clock: Clock;
  readonly pause: (ms: Millis) => Promise<void>;
}

/** After each look. Posting what waited for a poll takes some milliseconds a packet. */
const WAITS_MS: readonly Millis[] = [25, 50, 100, 200, 400, 0];

/**
 * Of a socket whose session polled when its entry was read, and has moved to a connection since. Whoever moved it posts what waited
 * for a poll, the reply to CONNECT perhaps, and then says so in the index (compat/engine/upgrade.ts): nobody posts before. A stock
 * client would keep what comes before that reply until its next CONNECT, when recovery brings it again. False: not in a second,
 * perhaps never, since that function died.
 */
export async function isGreeted(
  { sessions, sockets, clock, pause }: GreetedDeps,
  { sid, socketId }: SocketEntry,
  connectionId: ConnectionId,
): Promise<boolean> {
  for (const wait of WAITS_MS) {
    const session = await sessions.get(sid);
    // By its entry in the namespace: that of a room may have been written beside the move, from what was known before.
    for (const nsp of Object.keys(session?.sockets ?? {})) {
      const entry = await sockets.find(nsp, socketId, clock.now());
      if (entry?.connectionId === connectionId) return true;
    }
    await pause(wait);
  }
  return false;
}
