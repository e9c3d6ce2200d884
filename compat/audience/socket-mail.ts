import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { SocketAddress, SocketMail } from '../../lambdas/ports/mail.ts';
import type { Connections } from '../../lambdas/ports/gateway.ts';
import type { Clock } from '../../lambdas/ports/runtime.ts';
import type { EngineSessionStore, SocketIndex } from '../../lambdas/ports/socketio.ts';
import { telling, type SpeakingDeps } from './gathering.ts';

export interface CuttingDeps extends Pick<SpeakingDeps, 'recovery' | 'log'> {
  readonly sockets: Pick<SocketIndex, 'find'>;
  readonly sessions: Pick<EngineSessionStore, 'disown' | 'enqueue'>;
  readonly connections: Pick<Connections, 'close'>;
  readonly clock: Clock;
}

export type SocketMailDeps = CuttingDeps & SpeakingDeps;

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

/** As the function `fan-out` does with those whom it can't tell: they lose the right to recover, which would leave out what they missed. */
export function dropping(deps: CuttingDeps): (sockets: readonly SocketAddress[]) => Promise<void> {
  return async (sockets) => {
    await mapBounded(sockets, FAN_OUT.concurrency, async (to) => {
      await guarded(deps, to, () => disown(deps, to));
      await guarded(deps, to, () => cut(deps, to));
    });
  };
}

async function guarded<T>(
  { log }: CuttingDeps,
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
  { sockets, sessions, recovery, clock }: CuttingDeps,
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
  { sockets, sessions, connections, clock }: CuttingDeps,
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
