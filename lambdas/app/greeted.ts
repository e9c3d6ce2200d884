import type { Millis } from '../domain/entities.ts';
import type { ConnectionId } from '../domain/ids.ts';
import type { Clock } from '../ports/runtime.ts';
import type { EngineSessionStore, Namespace, SocketEntry, SocketIndex } from '../ports/socketio.ts';

export interface GreetedDeps {
  readonly sessions: Pick<EngineSessionStore, 'get'>;
  readonly sockets: Pick<SocketIndex, 'find'>;
  readonly clock: Clock;
  readonly pause: (ms: Millis) => Promise<void>;
}

/** Posting what waited for a poll takes some milliseconds a packet. */
const WAITS_MS: readonly Millis[] = [25, 50, 100, 200, 400];

/**
 * Of a socket whose session polled when its entry was read, and has moved to a connection since. Whoever moved it posts what waited
 * for a poll, the reply to CONNECT perhaps, and then says so in the index (compat/engine/upgrade.ts): nobody posts before. A stock
 * client would keep what comes before that reply until its next CONNECT, when recovery brings it again. False: not in a second,
 * perhaps never, since that function died.
 */
export async function isGreeted(
  deps: GreetedDeps,
  to: SocketEntry,
  connectionId: ConnectionId,
): Promise<boolean> {
  for (const wait of WAITS_MS) {
    if (await isMoved(deps, to, connectionId)) return true;
    await deps.pause(wait);
  }
  return isMoved(deps, to, connectionId);
}

/** By its entry in the namespace: that of a room may have been written beside the move, from what was known before. */
async function isMoved(
  { sessions, sockets, clock }: GreetedDeps,
  { sid, socketId }: SocketEntry,
  connectionId: ConnectionId,
): Promise<boolean> {
  const nsp = await namespaceOf(sessions, { sid, socketId });
  if (nsp === undefined) return false;
  const now = await sockets.find(nsp, socketId, clock.now());
  return now?.sid === sid && now.connectionId === connectionId;
}

async function namespaceOf(
  sessions: GreetedDeps['sessions'],
  { sid, socketId }: Pick<SocketEntry, 'sid' | 'socketId'>,
): Promise<Namespace | undefined> {
  const session = await sessions.get(sid);
  if (session === undefined) return undefined;
  return Object.entries(session.sockets).find(([, { id }]) => id === socketId)?.[0];
}
