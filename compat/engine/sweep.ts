import type { Millis } from '../../lambdas/domain/entities.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';
import type { Beat } from './beat.ts';
import { beat } from './beat.ts';
import type { Engine } from './deps.ts';
import { minuteOf, ringCount, ringOf, servedByRings, startOf } from './ring.ts';
import { sleep } from '../sleep.ts';
import type { Look } from './sweep-step.ts';

export type Sweep = (until: Millis) => Promise<void>;

/** Made once for an instance, which remembers whom it pinged: so it notices who does not answer in time. */
export function createSweep(engine: Engine): Sweep {
  const { pingIntervalMs } = engine.options.heartbeat;
  return servedByRings(pingIntervalMs) ? createMinuteSweep(engine) : createLoop(engine);
}

interface Ring {
  readonly at: Millis;
  readonly pinged: ReadonlySet<EngineId>;
}

/**
 * Once a minute: pings the ring that is due, and ends those of the ring that was pinged `pingTimeout` ago who have not
 * answered; both are one Query each, the second only if somebody was pinged. An instance that does not know of the ping
 * before infers it from the schedule.
 */
function createMinuteSweep(engine: Engine): Sweep {
  const { pingIntervalMs, pingTimeoutMs } = engine.options.heartbeat;
  const rings = ringCount(pingIntervalMs);
  const memory = new Map<string, Ring>();
  let last: number | undefined;

  async function check(ring: string, { at, pinged }: Ring, now: Millis): Promise<void> {
    memory.delete(ring);
    const look = { now, options: engine.options, ping: false };
    await beat(engine, ring, (session) => (pinged.has(session.sid) ? { ...look, pingedAt: at } : look));
  }
  async function ping(minute: number, now: Millis): Promise<Beat> {
    const ring = ringOf(minute, rings);
    // The ping before: at the ring's last minute, and only to sessions that were up then.
    const before = startOf(minute - rings);
    const look: Look = { now, options: engine.options, ping: true };
    const done = await beat(engine, ring, (session) =>
      session.openedAt < before ? { ...look, pingedAt: before } : look,
    );
    if (done.pinged.length > 0) memory.set(ring, { at: now, pinged: new Set(done.pinged) });
    return done;
  }
  return async () => {
    const now = engine.clock.now();
    const minute = minuteOf(now);
    for (const [ring, pinged] of memory) {
      if (now - pinged.at >= pingTimeoutMs) await check(ring, pinged, now);
    }
    // A minute that was left out is made up for, one served already is not served twice.
    const from = Math.max(last === undefined ? minute : last + 1, minute - rings + 1);
    for (let due = from; due <= minute; due++) {
      const { pinged, ended } = await ping(due, now);
      last = due;
      engine.log.debug('ring served', { pinged: pinged.length, ended });
    }
  };
}

/** For heartbeats below a minute: there is one ring, and it is looked at whenever one of its sessions wants something. */
function createLoop(engine: Engine): Sweep {
  const { clock, log, options } = engine;
  const { pingIntervalMs } = options.heartbeat;
  const ring = ringOf(0, 1);
  const pingedAt = new Map<EngineId, Millis>();
  const absentAt = new Map<EngineId, Millis>();
  // New sessions are found in time for their first ping; many sessions do not make it spin.
  const longest = pingIntervalMs / 2;
  const shortest = Math.min(pingIntervalMs / 10, 1_000);
  async function look(now: Millis): Promise<Millis> {
    const seen = new Set<EngineId>();
    const { pinged, absent, until } = await beat(engine, ring, ({ sid }) => {
      seen.add(sid);
      const [pinged, absent] = [pingedAt.get(sid), absentAt.get(sid)];
      return {
        now,
        options,
        ping: 'interval',
        ...(pinged === undefined ? {} : { pingedAt: pinged }),
        ...(absent === undefined ? {} : { absentAt: absent }),
      };
    });
    for (const sid of pinged) pingedAt.set(sid, now);
    for (const sid of absent) absentAt.set(sid, now);
    for (const known of [pingedAt, absentAt]) {
      for (const sid of known.keys()) if (!seen.has(sid)) known.delete(sid);
    }
    return until;
  }
  return async (until) => {
    for (let now = clock.now(); now < until; now = clock.now()) {
      const wanted = await look(now).catch((error: unknown) => {
        log.error('a sweep failed', { error });
        return Infinity;
      });
      const wait = Math.max(shortest, Math.min(longest, wanted - clock.now()));
      await sleep(Math.min(wait, Math.max(0, until - clock.now())));
    }
  };
}
