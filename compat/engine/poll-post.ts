import { besides } from '../../lambdas/app/rate-limit.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import type { EngineSession } from '../../lambdas/ports/socketio.ts';
import type { PollRequest, PollResponse } from '../types.ts';
import { arrived } from './arrived.ts';
import type { Piece } from './attachments.ts';
import type { Engine } from './deps.ts';
import { FLOODED } from './frame.ts';
import { emptyResponse, OK, refusalResponse } from './http.ts';
import type { Inbound } from './packets.ts';
import { decodePayload } from './payload.ts';
import { isOrderly } from './poll-step.ts';
import { receive } from './receive.ts';
import { REFUSED } from './refusals.ts';
import { runOnPolling } from './run.ts';
import { type Doom, isAsked, LATE_MS, overdue, pollingPulse } from './vitals.ts';

/** A POST: handles the packets of its body in order, in one run of the application. */
export async function pollPost(
  engine: Engine,
  session: EngineSession,
  request: PollRequest,
): Promise<PollResponse> {
  // A session that the server closes takes POSTs until its client has fetched the close packet, and ignores them.
  if (session.closed !== undefined)
    return isOrderly(session.closed.reason) ? OK : refusalResponse(REFUSED.unknownSession);
  const { headers, body = '', requestId, at = engine.clock.now() } = request;
  const doom = doomOf(engine, session, at);
  if (doom !== undefined) {
    await engine.sessions.end(session.sid, doom.reason);
    return doom.orderly ? OK : refusalResponse(REFUSED.unknownSession);
  }
  if (headers['content-type'] === 'application/octet-stream') {
    await engine.sessions.end(session.sid, 'transport error');
    return emptyResponse(400);
  }
  if (Buffer.byteLength(body) > engine.options.limits.maxPayloadBytes) return emptyResponse(413);
  await keepAlive(engine, session);
  await handleAllowed(engine, session, { ...readPayload(body), requestId, at });
  // The application may have taken longer than the heartbeat.
  await keepAlive(engine, session);
  return OK;
}

function doomOf({ options }: Engine, session: EngineSession, at: Millis): Doom | undefined {
  const dead = pollingPulse(session, at - LATE_MS, options).state === 'dead';
  return dead ? { reason: 'ping timeout', orderly: false } : overdue(session, at, options);
}

/**
 * A POST is a sign of life: who may not poll because it is waited for must not be taken for dead by its next GET. That
 * one brings the ping, which is due by then.
 */
async function keepAlive({ stores, clock, options }: Engine, session: EngineSession): Promise<void> {
  const now = clock.now();
  const soon = isAsked(session) ? now : now + options.heartbeat.pingTimeoutMs / 2;
  if (pollingPulse(session, soon, options).state === 'dead') await stores.sessions.pong(session.sid, now);
}

interface Payload {
  readonly pieces: readonly Piece[];
  readonly pong: boolean;
  /** Why the session ends after the pieces. What comes later in the body is not read. */
  readonly end?: 'transport close' | 'transport error' | 'parse error';
}

const ENDS: Partial<Record<Inbound['kind'], NonNullable<Payload['end']>>> = {
  close: 'transport close',
  // Protocol 4 has the server ping: "invalid heartbeat direction".
  ping: 'transport error',
  probe: 'transport error',
  invalid: 'parse error',
};

export function readPayload(body: string): Payload {
  const pieces: Piece[] = [];
  let pong = false;
  for (const packet of decodePayload(body)) {
    const end = ENDS[packet.kind];
    if (end !== undefined) return { pieces, pong, end };
    if (packet.kind === 'message') pieces.push({ text: packet.text });
    if (packet.kind === 'binary') pieces.push({ data: packet.data });
    if (packet.kind === 'pong') pong = true;
  }
  return { pieces, pong };
}

interface Posted extends Payload {
  readonly requestId: string | undefined;
  readonly at: Millis;
}

/** Each piece counts as the frame it would be over WebSocket. All of a body that is too much are lost, not its heartbeat. */
async function handleAllowed(engine: Engine, session: EngineSession, posted: Posted): Promise<void> {
  const { sid } = session;
  const cost = Math.max(1, posted.pieces.length);
  const allowed = await engine.rates.use({ of: { frames: sid }, at: engine.clock.now(), cost });
  if (allowed.ok) return besides(allowed.told, () => handle(engine, session, posted));
  if (allowed.isFlood) return engine.sessions.end(sid, FLOODED);
  return handle(engine, session, { ...posted, pieces: [] });
}

async function handle(
  engine: Engine,
  session: EngineSession,
  { pieces, pong, end, ...request }: Posted,
): Promise<void> {
  const { sid } = session;
  if (pong) await engine.stores.sessions.pong(sid, engine.clock.now());
  const received = pieces.length === 0 ? undefined : await receive(engine, session, pieces);
  if (received === 'closed') return;
  if (received !== undefined && received.messages.length > 0)
    await runOnPolling(engine, received.session, arrived(received.messages, request));
  const reason = received?.invalid === true ? 'parse error' : end;
  if (reason !== undefined) await engine.sessions.end(sid, reason);
}
