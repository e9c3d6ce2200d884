/** What a waiting poll does next, decided from one strong read of the session. Pure, so that every race is a test case. */
import type { Millis } from '../../lambdas/domain/entities.ts';
import { SOCKETIO } from '../../lambdas/manifest/limits.ts';
import type { EngineSession } from '../../lambdas/ports/socketio.ts';
import type { BridgeOptions, EngineRefusal } from '../types.ts';
import { REFUSED } from './refusals.ts';
import { arrivalOf } from './poll-token.ts';
import { type Doom, isAsked, isProbing, overdue, pollingPulse } from './vitals.ts';

export interface Poll {
  readonly arrivedAt: Millis;
  /** How long its function took to start: the time of a look is counted without. Default 0. */
  readonly lag?: Millis;
  /** Reads before this one. */
  readonly reads: number;
  /** Set once this poll holds the lease. */
  readonly token?: string;
}

export type PollStep =
  | { readonly do: 'refuse'; readonly refusal: EngineRefusal }
  /** Takes what waits and answers it, with a ping when one is due. */
  | { readonly do: 'take'; readonly ping: boolean }
  /** Answers a noop; frees the lease. */
  | { readonly do: 'release' }
  /** Answers a noop; there is nothing to free any more. */
  | { readonly do: 'leave' }
  /** The server closed the session: answers what waits and a close packet. */
  | { readonly do: 'close' }
  | { readonly do: 'end'; readonly doom: Doom }
  /** Another poll is waiting: the session ends. Whichever came `first` is told, the other one refused. */
  | { readonly do: 'overlap'; readonly first: boolean }
  | { readonly do: 'wait'; readonly ms: Millis; readonly lease: boolean };

/** Waits between the reads: short at first, because an answer is most likely right after a request. */
const WAITS_MS = [25, 50, 100, 150] as const;
const WAIT_MS = 200;

/**
 * A poll that has waited so long takes the lease. The polls of a client that connects are over earlier, and save two
 * writes each; two at once are noticed when both have waited.
 */
const LEASE_AFTER_READS = 2;

/** A probe ends a poll, but not earlier: the stock server checks this often, and a poll a client starts anew costs more. */
const PROBE_CHECK_MS = 100;

/** How long the stock server keeps a session it closes, for a poll to fetch the close packet (`closeTimeout`). */
const CLOSE_WAIT_MS = 30_000;

export function pollStep(
  session: EngineSession | undefined,
  poll: Poll,
  { now, options }: { readonly now: Millis; readonly options: BridgeOptions },
): PollStep {
  if (session === undefined) return { do: 'refuse', refusal: REFUSED.unknownSession };
  if (session.closed !== undefined) return afterClose(session, { ...session.closed, poll, now });
  // Also when it waited: no client says `5` before its poll has been answered, so that this one came beside or after it.
  if (session.transport === 'websocket') return { do: 'refuse', refusal: REFUSED.badRequest };
  const { poll: other } = session;
  if (other !== undefined && other.token !== poll.token && other.until > now)
    return { do: 'overlap', first: poll.arrivedAt < arrivalOf(other.token) };
  const doom = overdue(session, now, options);
  if (doom !== undefined) return { do: 'end', doom };
  return liveStep(session, poll, { now, options });
}

/** A poll that was waiting hears of every close; one that comes later only of one it has to know about, once. */
function afterClose(
  { transport, pingedAt = 0 }: EngineSession,
  {
    reason,
    at,
    poll,
    now,
  }: NonNullable<EngineSession['closed']> & { readonly poll: Poll; readonly now: Millis },
): PollStep {
  const waited = poll.reads > 0;
  // The client closed it itself, or moved on before.
  if (waited && (reason === 'transport close' || transport === 'websocket')) return { do: 'leave' };
  const told = pingedAt > at || now - at >= CLOSE_WAIT_MS;
  // The poll that came first noticed this one.
  if (waited && told && reason === 'transport error') return { do: 'overlap', first: false };
  const expected = transport === 'polling' && isOrderly(reason) && !told;
  if (waited || expected) return { do: 'close' };
  return { do: 'refuse', refusal: REFUSED.unknownSession };
}

/** Whether the application closed the session; everything else is the transport's doing, after which a sid is unknown. */
export function isOrderly(reason: string): boolean {
  return !['transport close', 'transport error', 'parse error', 'ping timeout'].includes(reason);
}

/** Who polled in time lives, however late this look is; but a ping may have been left unanswered. */
function isDead(
  session: EngineSession,
  poll: Poll,
  { now, options }: { readonly now: Millis; readonly options: BridgeOptions },
): boolean {
  const at = isAsked(session) ? now : poll.arrivedAt;
  return pollingPulse(session, at, options).state === 'dead';
}

function liveStep(
  session: EngineSession,
  poll: Poll,
  { now, options }: { readonly now: Millis; readonly options: BridgeOptions },
): PollStep {
  if (isDead(session, poll, { now, options }))
    return { do: 'end', doom: { reason: 'ping timeout', orderly: false } };
  // A ping leaves when it is due, however late the function started.
  const real = now + (poll.lag ?? 0);
  const pulse = pollingPulse(session, real, options);
  const ping = pulse.state === 'due' || (pulse.state === 'dead' && !isAsked(session));
  if (session.outbox.length > 0 || ping) return { do: 'take', ping };
  const held = real - poll.arrivedAt;
  if (isProbing(session, now)) {
    // It ends in a moment: no look in between, and no lease.
    return held >= PROBE_CHECK_MS
      ? { do: 'release' }
      : { do: 'wait', ms: PROBE_CHECK_MS - held, lease: false };
  }
  if (held >= SOCKETIO.pollHoldMs) return { do: 'release' };
  const beatIn = 'until' in pulse ? pulse.until - real : Infinity;
  const ms = Math.min(WAITS_MS[poll.reads] ?? WAIT_MS, SOCKETIO.pollHoldMs - held, beatIn);
  return { do: 'wait', ms, lease: poll.reads >= LEASE_AFTER_READS && poll.token === undefined };
}
