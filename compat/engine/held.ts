import type { EnginePacket, EngineSession } from '../../lambdas/ports/socketio.ts';
import { isDeferred } from '../../lambdas/app/deferred.ts';
import type { RunResult, Sessions } from '../types.ts';
import type { Engine } from './deps.ts';

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
  if (packets.length === 0) return;
  if (!(await isDeferred(stores.sessions, session, { packets, at: clock.now() }))) await send(packets);
}

/**
 * What was missed has been sent: now what happened meanwhile, but for what was found in the log, and then everything as it comes.
 * Whoever defers something after the last look finds the hold released, and sends.
 */
export async function release(
  { stores, log, sessions }: Pick<Engine, 'stores' | 'log'> & { readonly sessions: Sessions },
  { sid }: Pick<EngineSession, 'sid'>,
  { held, send }: { readonly held: NonNullable<RunResult['held']>; readonly send: Send },
): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    const deferred = await stores.sessions.release(sid, held.until);
    if (deferred === 'free') return;
    await send(withoutKnown(deferred, held.known));
  }
  log.warn('a socket that came back is told more than it can be sent', { looks: LOOKS });
  await sessions.end(sid, 'transport error');
}

/** With a packet go its attachments. */
function withoutKnown(packets: readonly EnginePacket[], known: ReadonlySet<string>): readonly EnginePacket[] {
  let isKnown = false;
  return packets.filter((packet) => {
    if (!packet.startsWith('b')) isKnown = known.has(LAST.exec(packet)?.[1] ?? '');
    return !isKnown;
  });
}

/** The last argument of an event. */
const LAST = /"([^"]+)"\]$/;
