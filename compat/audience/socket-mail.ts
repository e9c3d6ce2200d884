import type { SocketAddress, SocketMail } from '../../lambdas/ports/mail.ts';
import type { Connections } from '../../lambdas/ports/gateway.ts';
import type { Clock } from '../../lambdas/ports/runtime.ts';
import type { EngineSessionStore, SocketIndex } from '../../lambdas/ports/socketio.ts';
import { telling, type SpeakingDeps } from './gathering.ts';

export interface SocketMailDeps extends SpeakingDeps {
  readonly sockets: Pick<SocketIndex, 'find' | 'remove'>;
  readonly sessions: Pick<EngineSessionStore, 'disown' | 'enqueue'>;
  readonly connections: Pick<Connections, 'close'>;
  readonly clock: Clock;
}

/** Engine.IO's close packet: for a client that polls, as good as a connection that breaks (engine.io-client, `onPacket`). */
const CLOSE = '1';

/** What the function `fan-out` does with sockets. */
export function createSocketMail(deps: SocketMailDeps): SocketMail {
  return {
    telling: (content) => telling(deps, content),
    disown: (to) => guarded(deps, to, () => disown(deps, to)),
    cut: (to) => guarded(deps, to, () => cut(deps, to)),
  };
}

async function guarded<T>(
  { log }: SocketMailDeps,
  { entry }: SocketAddress,
  step: () => Promise<T>,
): Promise<T | 'unknown'> {
  try {
    return await step();
  } catch (error) {
    log.warn('a socket could not be disowned or cut', { socketId: entry.socketId, error });
    return 'unknown';
  }
}

/** A socket that has recovered is in the index under its id, with another session. */
async function disown(
  { sockets, sessions, recovery, clock }: SocketMailDeps,
  { place: { nsp }, entry }: SocketAddress,
): Promise<'here' | 'moved' | 'gone' | 'unknown'> {
  if (!recovery) return 'here';
  const found = await sockets.find(nsp, entry.socketId, clock.now());
  if (found === undefined) return 'gone';
  const isDone = await sessions.disown(found.sid, nsp);
  if (isDone) return found.sid === entry.sid ? 'here' : 'moved';
  // The index is behind: it has moved once more, or has ended.
  return 'unknown';
}

/** The client comes back as after a break of the network. Its session ends by `$disconnect` or by the sweep. */
async function cut(
  { sockets, sessions, connections, clock }: SocketMailDeps,
  { place: { nsp }, entry }: SocketAddress,
): Promise<'cut'> {
  const { sid, connectionId } = (await sockets.find(nsp, entry.socketId, clock.now())) ?? entry;
  if (connectionId !== undefined) {
    await connections.close(connectionId);
    return 'cut';
  }
  const outcome = await sessions.enqueue(sid, [CLOSE]);
  if (typeof outcome === 'object') await connections.close(outcome.connectionId);
  return 'cut';
}
