import type { Millis } from '../../lambdas/domain/entities.ts';
import { SOCKETIO } from '../../lambdas/manifest/limits.ts';
import type { EnginePacket, EngineSession } from '../../lambdas/ports/socketio.ts';
import type { PollResponse } from '../types.ts';
import type { Engine } from './deps.ts';
import { emptyResponse, payloadResponse, refusalResponse } from './http.ts';
import { PACKET } from './packets.ts';
import { PACKETS_PER_PAYLOAD } from './payload.ts';
import { isOrderly, type Poll, type PollStep, pollStep } from './poll-step.ts';
import { REFUSED } from './refusals.ts';
import { mintPollToken } from './session-id.ts';
import { sleep } from '../sleep.ts';
import type { Doom } from './vitals.ts';

type Ending = Exclude<PollStep, { readonly do: 'wait' }>;

/** A lease outlives its poll a little, and a poll that died not by much. */
const LEASE_SPARE_MS = 5_000;

/** A GET: holds until there is something to say. Every look at the session is a strong read. */
export async function pollGet(
  engine: Engine,
  first: EngineSession,
  arrivedAt: Millis = engine.clock.now(),
): Promise<PollResponse> {
  const { stores, clock, options } = engine;
  const { sid } = first;
  // Time runs from when API Gateway got the request; how long this function took to start is nobody's fault.
  const lag = Math.max(0, clock.now() - arrivedAt);
  let session: EngineSession | undefined = first;
  let poll: Poll = { arrivedAt, lag, reads: 0 };
  for (;;) {
    const step = pollStep(session, poll, { now: clock.now() - lag, options });
    if (step.do !== 'wait') return finish(engine, { step, session: session ?? first, poll });
    const token = step.lease ? await lease(engine, first, arrivedAt) : undefined;
    // A session that is closed by now, or polled by another one, says so at the next look.
    if (token !== 'refused') await sleep(step.ms);
    if (token !== undefined && token !== 'refused') poll = { ...poll, token };
    poll = { ...poll, reads: poll.reads + 1 };
    session = await stores.sessions.get(sid);
  }
}

async function lease(
  { stores, random, clock }: Engine,
  { sid }: EngineSession,
  arrivedAt: Millis,
): Promise<string> {
  const token = mintPollToken(random, arrivedAt);
  const now = clock.now();
  const until = now + SOCKETIO.pollHoldMs + LEASE_SPARE_MS;
  return (await stores.sessions.lease(sid, { token, until }, now)) === 'leased' ? token : 'refused';
}

interface Finish {
  readonly step: Ending;
  readonly session: EngineSession;
  readonly poll: Poll;
}

async function finish(engine: Engine, { step, session, poll }: Finish): Promise<PollResponse> {
  switch (step.do) {
    case 'refuse':
      return refusalResponse(step.refusal);
    case 'leave':
      return payloadResponse([PACKET.noop]);
    case 'take':
      return take(engine, { session, poll, ping: step.ping });
    case 'release':
      // Without a lease there is nothing to free, and the read has just shown that there is nothing to take.
      return poll.token === undefined
        ? payloadResponse([PACKET.noop])
        : take(engine, { session, poll, ping: false });
    case 'close':
      return sayClose(engine, session, poll);
    case 'end':
      return endNow(engine, { session, poll, doom: step.doom });
    case 'overlap':
      await engine.sessions.end(session.sid, 'transport error');
      return step.first ? sayClose(engine, session, holding(poll, session)) : emptyResponse(400);
  }
}

/** In the name of the poll that came later, and holds the lease. */
function holding(poll: Poll, { poll: other }: EngineSession): Poll {
  return other === undefined ? poll : { ...poll, token: other.token };
}

async function take(
  engine: Engine,
  { session, poll, ping }: { readonly session: EngineSession; readonly poll: Poll; readonly ping: boolean },
): Promise<PollResponse> {
  const pinged = ping ? { pingedAt: engine.clock.now() } : {};
  const packets = await drain(engine, {
    session,
    poll,
    max: PACKETS_PER_PAYLOAD - (ping ? 1 : 0),
    ...pinged,
  });
  if (packets === 'lost') return afterLoss(engine, session, poll);
  const [head = PACKET.noop, ...rest] = ping ? [...packets, PACKET.ping] : packets;
  return payloadResponse([head, ...rest]);
}

async function drain(
  { stores }: Engine,
  {
    session,
    poll: { token },
    ...how
  }: {
    readonly session: EngineSession;
    readonly poll: Poll;
    readonly max: number;
    readonly pingedAt?: Millis;
  },
): Promise<readonly EnginePacket[] | 'lost'> {
  return stores.sessions.drain(session.sid, { ...(token === undefined ? {} : { token }), ...how });
}

/** Somebody changed the session between the look and the taking. */
async function afterLoss(engine: Engine, was: EngineSession, poll: Poll): Promise<PollResponse> {
  const session = await engine.stores.sessions.get(was.sid);
  const waited = { ...poll, reads: poll.reads + 1 };
  const now = engine.clock.now() - (poll.lag ?? 0);
  const step = pollStep(session, waited, { now, options: engine.options });
  const lost: Ending =
    step.do === 'wait' || step.do === 'take' || step.do === 'release'
      ? { do: 'overlap', first: false }
      : step;
  return finish(engine, { step: lost, session: session ?? was, poll: waited });
}

/**
 * What waits, then the close packet; in several answers when it is much. What the application said before it closed comes
 * in an answer of its own, as from a stock server: packets beside a close packet reach the client's listeners after it. The
 * close packet is noted as a ping is, so that the session is unknown from then on.
 */
async function sayClose(engine: Engine, session: EngineSession, poll: Poll): Promise<PollResponse> {
  const max = PACKETS_PER_PAYLOAD - 1;
  const waiting = session.outbox.length;
  const much =
    waiting > max || (waiting > 0 && session.closed !== undefined && isOrderly(session.closed.reason));
  const said = much ? {} : { pingedAt: Math.max(engine.clock.now(), session.closed?.at ?? 0) + 1 };
  const taken = await drain(engine, { session, poll, max, ...said });
  if (taken === 'lost') return payloadResponse([PACKET.close]);
  const [head = PACKET.close, ...rest] = much ? taken : [...taken, PACKET.close];
  return payloadResponse([head, ...rest]);
}

async function endNow(
  engine: Engine,
  { session, poll, doom }: { readonly session: EngineSession; readonly poll: Poll; readonly doom: Doom },
): Promise<PollResponse> {
  await engine.sessions.end(session.sid, doom.reason);
  if (doom.orderly || poll.reads > 0) return sayClose(engine, session, poll);
  return refusalResponse(REFUSED.unknownSession);
}
