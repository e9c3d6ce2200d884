import type { Millis } from '../domain/entities.ts';
import { untaken } from '../domain/told-event.ts';
import type { Clock } from '../ports/runtime.ts';
import type { EnginePacket, EngineSessionStore, SocketEntry } from '../ports/socketio.ts';

/**
 * To a socket that is coming back, what it missed is sent first: what happens meanwhile is kept for it. Most are not, and cost
 * no call; of those that were a moment ago the store knows whether they still are.
 */
export async function isDeferred(
  sessions: Pick<EngineSessionStore, 'defer'>,
  { sid, heldUntil = 0 }: Pick<SocketEntry, 'sid' | 'heldUntil'>,
  { packets, at }: { readonly packets: readonly EnginePacket[]; readonly at: Millis },
): Promise<boolean> {
  return heldUntil > at && (await sessions.defer(sid, heldUntil, packets)) === 'deferred';
}

/** What is to be sent now: the packets but for those of events that are kept for it, or known to it. */
export async function undeferred(
  { sessions, clock }: { readonly sessions: Pick<EngineSessionStore, 'defer'>; readonly clock: Clock },
  to: Pick<SocketEntry, 'sid' | 'heldUntil'>,
  packets: readonly EnginePacket[],
): Promise<readonly EnginePacket[]> {
  if (to.heldUntil === undefined) return packets;
  return untaken(packets, (those) => isDeferred(sessions, to, { packets: those, at: clock.now() }));
}
