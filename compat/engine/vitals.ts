/** When a session is due for a ping, and when it is dead. All of it from the session's row: no invocation keeps a timer. */
import type { Millis } from '../../lambdas/domain/entities.ts';
import { isClosing } from '../../lambdas/domain/closing-time.ts';
import type { EngineSession } from '../../lambdas/ports/socketio.ts';
import type { BridgeOptions } from '../types.ts';

/**
 * Between a ping and its pong lie two trips and perhaps a cold start, which no stock server has: so much longer than announced is waited. Never so long that the client has given up before it is told: it waits for
 * an interval and a timeout from the ping on (engine.io-client, `_resetPingTimeout`).
 */
export function travelMs(pingIntervalMs: Millis): Millis {
  return Math.min(1_000, pingIntervalMs / 2);
}

/** A POST shows that its client lives: one that comes so late, or is still being handled, counts as its pong. */
export const LATE_MS = 1_500;

/** A WebSocket that has not said `5` by then never will (engine.io, `upgradeTimeout`). */
const PROBE_MS = 10_000;

/** A session that must end now, and why; `orderly` when the client is told with a close packet. */
export type Doom = {
  readonly reason: 'ping timeout' | 'transport close' | 'forced server close';
  readonly orderly: boolean;
};

/** Of a session whatever its transport: one that never CONNECTed, or one that has outlived its row. */
export function overdue(session: EngineSession, now: Millis, options: BridgeOptions): Doom | undefined {
  const age = now - session.openedAt;
  if (session.joined !== true && age >= options.limits.connectTimeoutMs) {
    return { reason: 'forced server close', orderly: true };
  }
  // A polling session ends as a connection does (isClosingSession): the client comes back and recovers.
  const { sid: id, openedAt, transport } = session;
  return transport === 'polling' && isClosing({ id, openedAt }, now)
    ? { reason: 'transport close', orderly: true }
    : undefined;
}

/** Whether a connection is to be closed with this pong, because the next one might come too late. Not once it has been. */
export function isClosingSession(
  { sid: id, openedAt, closed }: EngineSession,
  now: Millis,
  { heartbeat: { pingIntervalMs } }: BridgeOptions,
): boolean {
  return closed === undefined && isClosing({ id, openedAt }, now + pingIntervalMs);
}

/**
 * Pings are due in whole intervals from when the session was opened. The client counts from ping to ping; counting from
 * their answers, as a stock server does whose answers take no time, would add every trip and cold start to its wait.
 */
export function nextPing(
  { openedAt }: EngineSession,
  pingedAt: Millis | undefined,
  pingIntervalMs: Millis,
): Millis {
  const passed = Math.floor(((pingedAt ?? 0) - openedAt) / pingIntervalMs);
  return openedAt + (Math.max(0, passed) + 1) * pingIntervalMs;
}

function heard({ openedAt, seenAt }: EngineSession): Millis {
  return Math.max(openedAt, seenAt);
}

/** Whether a ping that a poll brought has not been answered. */
export function isAsked(session: EngineSession): boolean {
  return (session.pingedAt ?? 0) > heard(session);
}

/** What comes next of a polling session's heartbeat, and when. */
export type Pulse =
  /** `alive`: a ping is due then. `waiting`: for the answer to one, until then. */
  { readonly state: 'alive' | 'waiting'; readonly until: Millis } | { readonly state: 'due' | 'dead' };

/** The heartbeat of a polling session, whose pings are sent by its polls. */
export function pollingPulse(
  session: EngineSession,
  now: Millis,
  { heartbeat: { pingIntervalMs, pingTimeoutMs } }: BridgeOptions,
): Pulse {
  const heardAt = heard(session);
  const pingedAt = session.pingedAt ?? 0;
  if (isAsked(session)) {
    const until = pingedAt + pingTimeoutMs + travelMs(pingIntervalMs);
    return now >= until ? { state: 'dead' } : { state: 'waiting', until };
  }
  const dueAt = nextPing(session, pingedAt, pingIntervalMs);
  if (now < dueAt) return { state: 'alive', until: dueAt };
  return { state: now >= heardAt + pingIntervalMs + pingTimeoutMs ? 'dead' : 'due' };
}

/**
 * Whether a websocket session answered the ping sent at `pingedAt`. Clocks of two instances differ a little; the pong
 * before that came at least an interval earlier.
 */
export function answered(session: EngineSession, pingedAt: Millis, pingIntervalMs: Millis): boolean {
  return session.seenAt > pingedAt - pingIntervalMs / 2;
}

export function isProbing(session: EngineSession, now: Millis): boolean {
  return session.probing !== undefined && now - session.probing.at < PROBE_MS;
}
