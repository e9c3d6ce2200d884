import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import { FAN_OUT, HANDSHAKE } from '../../lambdas/manifest/limits.ts';
import type { EngineId, EngineSession } from '../../lambdas/ports/socketio.ts';
import type { Dismissal, Engine } from './deps.ts';
import { PACKET } from './packets.ts';
import { removeAwaited } from './returning.ts';
import { postAll } from './sessions.ts';
import { isHeard, type Look, sweepStep } from './sweep-step.ts';
import { isClosingSession } from './vitals.ts';

export interface Beat {
  /** Sessions that were sent a ping. */
  readonly pinged: readonly EngineId[];
  /** Sessions whose ping found no connection yet. */
  readonly absent: readonly EngineId[];
  readonly ended: number;
  /** The earliest instant at which one of the sessions wants something. */
  readonly until: Millis;
}

/**
 * Looks after every session of a ring: one Query, and a post for each ping. What happens to one session concerns no
 * other; rejects only when the ring can't be read.
 */
export async function beat(
  engine: Engine,
  ring: string,
  lookAt: (session: EngineSession) => Look,
): Promise<Beat> {
  const [pinged, absent]: [EngineId[], EngineId[]] = [[], []];
  let ended = 0;
  let until = Infinity;
  async function look(session: EngineSession): Promise<void> {
    const done = await guarded(engine, session, lookAt);
    if (done === 'pinged') pinged.push(session.sid);
    else if (done === 'absent') absent.push(session.sid);
    else if (done === 'ended') ended += 1;
    else until = Math.min(until, done);
  }
  const leaving: Promise<unknown>[] = [];
  for await (const page of engine.stores.sessions.ring(ring, engine.clock.now())) {
    const isClosing = (session: EngineSession) =>
      isClosingSession(session, engine.clock.now(), engine.options);
    // Their pongs close them, and then they connect again: not all at once, and nobody waits for them.
    leaving.push(
      mapBounded(page.filter(isClosing), FAN_OUT.concurrency, async (session) => {
        await engine.inTurn?.();
        await look(session);
      }),
    );
    await mapBounded(
      page.filter((session) => !isClosing(session)),
      FAN_OUT.concurrency,
      look,
    );
    await engine.looked?.(page);
  }
  await Promise.all(leaving);
  return { pinged, absent, ended, until };
}

/** What became of a session, or when it wants something. */
type Done = 'pinged' | 'absent' | 'ended' | Millis;

async function guarded(
  engine: Engine,
  session: EngineSession,
  lookAt: (session: EngineSession) => Look,
): Promise<Done> {
  try {
    return await lookAfter(engine, session, lookAt);
  } catch (error) {
    engine.log.warn('a session was not looked after', { error });
    return Infinity;
  }
}

async function lookAfter(
  engine: Engine,
  session: EngineSession,
  lookAt: (session: EngineSession) => Look,
): Promise<Done> {
  if (dismissalOf(engine, session) !== undefined) return dismiss(engine, session);
  const look = lookAt(session);
  await removeAwaited(engine.stores.sockets, session, look);
  const step = sweepStep(session, look);
  if (step.do === 'leave') return step.until;
  if (step.do === 'ping') return ping(engine, session);
  // A ring is read eventually consistent: its pong, or its upgrade, may have come a moment ago.
  const fresh = await engine.stores.sessions.get(session.sid);
  const again = fresh && sweepStep(fresh, lookAt(fresh));
  if (again?.do !== 'end') return engine.clock.now();
  await engine.sessions.end(session.sid, again.reason);
  return 'ended';
}

function dismissalOf(engine: Engine, session: EngineSession | undefined): Dismissal | undefined {
  if (session === undefined || session.closed !== undefined) return undefined;
  return engine.dismiss?.(session, engine.clock.now());
}

/** Read again, as above: it may have done something a moment ago. */
async function dismiss(engine: Engine, { sid }: EngineSession): Promise<Done> {
  const session = await engine.stores.sessions.get(sid);
  const dismissal = dismissalOf(engine, session);
  if (session === undefined || dismissal === undefined) return engine.clock.now();
  const { connectionId } = session;
  if (connectionId === undefined) await engine.stores.sessions.enqueue(sid, dismissal.packets);
  else await postAll(engine, connectionId, dismissal.packets);
  await engine.sessions.end(sid, dismissal.reason);
  return 'ended';
}

async function ping(engine: Engine, session: EngineSession): Promise<Done> {
  const { sid, connectionId, openedAt } = session;
  const outcome = connectionId === undefined ? 'gone' : await engine.gateway.post(connectionId, PACKET.ping);
  if (outcome === 'throttled') engine.log.warn('a ping was lost to throttling', { connectionId });
  if (outcome !== 'gone') return 'pinged';
  // Its handshake may not be over yet.
  const isYoung = engine.clock.now() - openedAt < HANDSHAKE.graceSeconds * 1000;
  if (isYoung && !isHeard(session)) return 'absent';
  await engine.sessions.end(sid, 'transport close');
  return 'ended';
}
