import type { EnginePacket, EngineSession } from '../../lambdas/ports/socketio.ts';
import { undeferred } from '../../lambdas/app/deferred.ts';
import { byEvent, timeOfEvent, toldEvent } from '../../lambdas/domain/told-event.ts';
import { HOLD } from '../../lambdas/manifest/limits.ts';
import type { RunResult, Sessions } from '../types.ts';
import type { Engine } from './deps.ts';

type Held = NonNullable<RunResult['held']>;
type Send = (packets: readonly EnginePacket[]) => Promise<void>;

/** Whoever is told more than it can be sent after so many looks is cut, and comes back once more. */
const LOOKS = 100;

/** Whether another run is bringing a socket of the session back. */
export function isHeld({ clock }: Pick<Engine, 'clock'>, { heldUntil = 0 }: EngineSession): boolean {
  return heldUntil > clock.now();
}

/** What a run has to say while another one sends what was missed comes after that. */
export async function unlessHeld(
  { stores, clock }: Pick<Engine, 'stores' | 'clock'>,
  session: EngineSession,
  { packets, send }: { readonly packets: readonly EnginePacket[]; readonly send: Send },
): Promise<void> {
  const left = await undeferred({ sessions: stores.sessions, clock }, session, packets);
  if (left.length > 0) await send(left);
}

/**
 * What was missed has been sent: now what happened meanwhile, but for what was found in the log, and then everything as it comes.
 * Whoever defers something after the last look finds the hold released, and sends, unless it was found in the log, too: what
 * happened just before that was read may be told only now.
 */
export async function release(
  { stores, log, sessions }: Pick<Engine, 'stores' | 'log'> & { readonly sessions: Sessions },
  { sid }: Pick<EngineSession, 'sid'>,
  { held, send }: { readonly held: Held; readonly send: Send },
): Promise<void> {
  const told = lately(held);
  for (let look = 0; look < LOOKS; look += 1) {
    const deferred = await stores.sessions.release(sid, held.until, told);
    if (deferred === 'free') return;
    await send(withoutKnown(deferred, held.known));
  }
  log.warn('a socket that came back is told more than it can be sent', { looks: LOOKS });
  await sessions.end(sid, 'transport error');
}

function withoutKnown(packets: readonly EnginePacket[], known: ReadonlySet<string>): readonly EnginePacket[] {
  return byEvent(packets)
    .filter(([first = '']) => !known.has(toldEvent(first) ?? ''))
    .flat();
}

/** Of what the client has got or was sent, what may still be on its way to it from others, who found the socket. */
function lately({ since, known }: Held): readonly string[] {
  const lately = [...known]
    .map((event) => ({ event, at: timeOfEvent(event) ?? 0 }))
    .filter(({ at }) => at >= since - HOLD.toldMs)
    .toSorted((one, other) => one.at - other.at);
  return lately.slice(-HOLD.told).map(({ event }) => event);
}
