import type { Millis } from '../domain/entities.ts';
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
