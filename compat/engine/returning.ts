/**
 * A session that is closed so that API Gateway does not cut it: its client is back within seconds, under the same ids. What the
 * index has of its sockets is not taken out to be put in again, which would be a third of what a return writes. Whoever finds it
 * meanwhile posts to a connection that is gone. A client that does not come back is found by the sweep.
 */
import type { Millis } from '../../lambdas/domain/entities.ts';
import { SOCKETIO } from '../../lambdas/manifest/limits.ts';
import type { EngineSession, SocketIndex } from '../../lambdas/ports/socketio.ts';
import type { BridgeOptions } from '../types.ts';
import { presencesOf, removePresences } from './places.ts';
import { servedByRings } from './ring.ts';

/** Without recovery a client comes back as somebody else. */
export function isAwaited({ recovery, heartbeat }: BridgeOptions): boolean {
  return recovery !== undefined && servedByRings(heartbeat.pingIntervalMs);
}

/** How long its row must stay for the sweep to see it: until its ring is due again, late as that may be. */
export function awaitedMs({ heartbeat }: BridgeOptions): Millis {
  return heartbeat.pingIntervalMs + 2 * SOCKETIO.sweepIntervalMs;
}

/** For the ring that is due: sockets that nobody came back for leave the index, once. Those that were taken are not in the row. */
export async function removeAwaited(
  index: SocketIndex,
  session: EngineSession,
  { now, options }: { readonly now: Millis; readonly options: BridgeOptions },
): Promise<void> {
  if (session.closed?.returning !== true) return;
  const turns = (now - session.closed.at) / options.heartbeat.pingIntervalMs;
  if (turns >= 0.5 && turns < 1.5) await removePresences(index, presencesOf(session));
}
