import type { Log } from '../../lambdas/ports/runtime.ts';
import type { Reach, SocketAddress } from '../../lambdas/ports/mail.ts';
import type { EnginePacket, SocketIndex } from '../../lambdas/ports/socketio.ts';
import type { Deliver } from './delivery.ts';
import { InDoubt } from '../../lambdas/domain/in-doubt.ts';

/** A socket, and where it was found. */
export type Listener = SocketAddress;

export interface TellingDeps {
  readonly deliver: Deliver;
  readonly sockets: Pick<SocketIndex, 'remove'>;
  readonly log: Log;
}

/** Tells one socket; the entry of one that is gone goes. Never rejects: it concerns no other. */
export async function tell(
  deps: TellingDeps,
  listener: Listener,
  packets: readonly EnginePacket[],
): Promise<'sent' | 'gone' | 'failed'> {
  const reach = await attempt(deps, listener, packets);
  return reach === 'sent' || reach === 'gone' ? reach : 'failed';
}

/** As `tell`, and says whether it may be told later. */
export async function attempt(
  { deliver, sockets, log }: TellingDeps,
  { place, entry }: Listener,
  packets: readonly EnginePacket[],
): Promise<Exclude<Reach, 'unspoken'>> {
  const { socketId } = entry;
  try {
    const outcome = await deliver(entry, packets);
    if (outcome === 'gone') await forget({ sockets, log }, { place, entry });
    if (outcome === 'sent' || outcome === 'gone') return outcome;
    log.warn('a socket missed an event', { socketId, outcome });
    return REACH[outcome];
  } catch (error) {
    log.warn('a socket could not be told', { socketId, error });
    return error instanceof InDoubt ? 'unknown' : 'refused';
  }
}

const REACH = { throttled: 'refused', partly: 'unknown', lost: 'lost', 'too-large': 'lost' } as const;

/** Whoever is not removed now is found by the next. */
async function forget(
  { sockets, log }: Pick<TellingDeps, 'sockets' | 'log'>,
  { place, entry }: Listener,
): Promise<void> {
  try {
    await sockets.remove(place, entry);
  } catch (error) {
    log.warn('the entry of a socket that is gone stays', { socketId: entry.socketId, error });
  }
}
