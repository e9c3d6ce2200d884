/** What a sweep does with one session of a ring it looks at. Pure. */
import type { Millis } from '../../lambdas/domain/entities.ts';
import { HANDSHAKE } from '../../lambdas/manifest/limits.ts';
import type { EngineSession } from '../../lambdas/ports/socketio.ts';
import type { BridgeOptions } from '../types.ts';
import { answered, LATE_MS, nextPing, overdue, pollingPulse, travelMs } from './vitals.ts';

export interface Look {
  readonly now: Millis;
  readonly options: BridgeOptions;
  /** When this sweep's instance, or the schedule if it knows better, pinged the session last. */
  readonly pingedAt?: Millis;
  /** When this instance last found that the handshake of the session's connection was not over. */
  readonly absentAt?: Millis;
  /** Whether the session is to be pinged now if its ring is; `interval`: by its own clock. */
  readonly ping: boolean | 'interval';
}

export type SweepStep =
  | { readonly do: 'ping' }
  | { readonly do: 'end'; readonly reason: string }
  /** Nothing before `until`, as far as the session itself is concerned. */
  | { readonly do: 'leave'; readonly until: Millis };

export function sweepStep(session: EngineSession, look: Look): SweepStep {
  const { now, options } = look;
  if (session.closed !== undefined) return { do: 'leave', until: Infinity };
  const doom = overdue(session, now, options);
  if (doom !== undefined) return { do: 'end', reason: doom.reason };
  const step = session.transport === 'polling' ? pollingStep(session, look) : socketStep(session, look);
  if (step.do !== 'leave' || session.joined === true) return step;
  return { do: 'leave', until: Math.min(step.until, session.openedAt + options.limits.connectTimeoutMs) };
}

/** Polls send the pings. Here only those are ended whom nobody polls any more; a poll knows better, and comes first. */
function pollingStep(session: EngineSession, { now, options, ping }: Look): SweepStep {
  const pulse = pollingPulse(session, now - LATE_MS, options);
  if (pulse.state === 'dead') return { do: 'end', reason: 'ping timeout' };
  // It may be a WebSocket when its ping is due, and the ping this sweep's.
  if (pulse.state === 'alive' && ping === 'interval' && pulse.until > now)
    return { do: 'leave', until: pulse.until };
  const from = pulse.state === 'alive' ? pulse.until : now;
  return { do: 'leave', until: from + options.heartbeat.pingTimeoutMs };
}

function socketStep(session: EngineSession, look: Look): SweepStep {
  const { now, options, pingedAt, ping } = look;
  const { pingIntervalMs, pingTimeoutMs } = options.heartbeat;
  if (pingedAt !== undefined && !answered(session, pingedAt, pingIntervalMs)) {
    const until = pingedAt + pingTimeoutMs + (ping === 'interval' ? travelMs(pingIntervalMs) : 0);
    return now >= until ? { do: 'end', reason: 'ping timeout' } : { do: 'leave', until };
  }
  const dueAt =
    ping === 'interval' ? intervalEnd(session, look) : session.openedAt + settlingMs(pingIntervalMs);
  if (ping !== false && now >= dueAt) return { do: 'ping' };
  return { do: 'leave', until: Math.max(dueAt, now) };
}

/** Whether the client has said anything, so that its OPEN packet must have arrived. */
export function isHeard({ joined, seenAt, openedAt }: EngineSession): boolean {
  return joined === true || seenAt > openedAt;
}

/** Its OPEN packet was not sent, from which a client counts first, while the handshake was not over. */
function intervalEnd(session: EngineSession, { options, pingedAt, absentAt }: Look): Millis {
  const { pingIntervalMs } = options.heartbeat;
  if (pingedAt === undefined && absentAt !== undefined) return absentAt + pingIntervalMs;
  // Another instance pinged it: a moment before it answered.
  return nextPing(session, pingedAt ?? session.seenAt, pingIntervalMs);
}

/** A connection whose handshake may not be over gets no ping: it would be lost, and its peer taken for dead. */
function settlingMs(pingIntervalMs: Millis): Millis {
  return Math.min(HANDSHAKE.graceSeconds * 1000, pingIntervalMs / 2);
}
