import type { Log } from '../../lambdas/ports/runtime.ts';
import type { EnginePacket, Place, SocketEntry, SocketIndex } from '../../lambdas/ports/socketio.ts';
import type { Deliver } from './delivery.ts';

/** A socket, and where it was found. */
export interface Listener {
  readonly place: Place;
  readonly entry: SocketEntry;
}

export interface TellingDeps {
  readonly deliver: Deliver;
  readonly sockets: Pick<SocketIndex, 'remove'>;
  readonly log: Log;
}

/** Tells one socket; the entry of one that is gone goes. Never rejects: it concerns no other. */
export async function tell(
  { deliver, sockets, log }: TellingDeps,
  { place, entry }: Listener,
  packets: readonly EnginePacket[],
): Promise<'sent' | 'gone' | 'failed'> {
  const { socketId } = entry;
  try {
    const outcome = await deliver(entry, packets);
    if (outcome === 'gone') await sockets.remove(place, entry);
    if (outcome === 'sent' || outcome === 'gone') return outcome;
    log.warn('a socket missed an event', { socketId, outcome });
  } catch (error) {
    log.warn('a socket could not be told', { socketId, error });
  }
  return 'failed';
}
