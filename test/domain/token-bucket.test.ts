import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  type Allowance,
  askOf,
  costMs,
  denied,
  type Gauge,
  granted,
  stillOwed,
  take,
  told,
  UNKNOWN,
} from '../../lambdas/domain/token-bucket.ts';
import { LIMITS } from '../../lambdas/manifest/limits.ts';

const SOCKET: Allowance = { perSecond: 10, burst: 200 };

/** Several instances and the row they share, in simulated time. */
function createFleet(allowance: Allowance, instances: number, latencyMs: number) {
  const gauges = Array.from({ length: instances }, (): Gauge => UNKNOWN);
  const events: { at: number; run: () => void }[] = [];
  let row = 0;
  let now = 0;
  const counts = { taken: 0, refused: 0, writes: 0, asked: 0 };
  const later = (ms: number, run: () => void) => events.push({ at: now + ms, run });
  /** When an instance is done with the event before. */
  const busy = new Set<number>();

  /** One event on an instance; false when it is still at another one. */
  function arrive(instance: number, cost = 1): boolean {
    if (busy.has(instance)) return false;
    const at = now;
    const gauge = gauges[instance]!;
    const decision = take(gauge, allowance, { at, cost });
    const done = (ms: number, run: () => void) => {
      busy.add(instance);
      later(ms, () => {
        run();
        busy.delete(instance);
      });
    };
    if (decision.do === 'refuse') {
      gauges[instance] = decision.gauge;
      counts.refused += 1;
    } else if (decision.do === 'take') {
      gauges[instance] = decision.gauge;
      counts.taken += cost;
      if (decision.pay > 0)
        done(latencyMs, () => {
          counts.writes += 1;
          row = Math.max(row, at) + costMs(allowance, decision.pay);
          gauges[instance] = told(gauges[instance]!, allowance, row);
        });
    } else {
      const { ms, until } = askOf(gauge, allowance, { at, cost });
      done(latencyMs, () => {
        counts.asked += 1;
        counts.writes += 1;
        if (Math.max(row, at) + ms > until) {
          gauges[instance] = denied(gauges[instance]!, allowance, { at, cost });
          counts.refused += 1;
          return;
        }
        row = Math.max(row, at) + ms;
        gauges[instance] = granted(gauges[instance]!, allowance, row);
        counts.taken += cost;
      });
    }
    return true;
  }
  function advance(to: number): void {
    for (;;) {
      events.sort((a, b) => a.at - b.at);
      const [next] = events;
      if (next === undefined || next.at > to) break;
      events.shift();
      now = next.at;
      next.run();
    }
    now = to;
  }
  return { arrive, advance, counts };
}

/** A client that sends so many times its allowance, each event to the next instance that is free. */
function flood(
  allowance: Allowance,
  { instances, latencyMs, times, seconds }: Record<'instances' | 'latencyMs' | 'times' | 'seconds', number>,
) {
  const fleet = createFleet(allowance, instances, latencyMs);
  const everyMs = 1000 / (times * allowance.perSecond);
  let next = 0;
  for (let at = 0; at < seconds * 1000; at += everyMs) {
    fleet.advance(1_000_000 + at);
    for (let tries = 0; tries < instances; tries++) if (fleet.arrive(next++ % instances)) break;
  }
  fleet.advance(1_000_000 + seconds * 1000 + 10 * latencyMs);
  return fleet.counts;
}

describe('a flood over several instances', () => {
  test('of 100 times the allowance for 10 s over 8 instances gets the allowance, within a tenth', () => {
    const rows = [
      SOCKET,
      { perSecond: 2, burst: 40 },
      { perSecond: 1, burst: 20 },
      LIMITS.framesPerSocket,
    ].map((allowance) => {
      const { taken, writes } = flood(allowance, { instances: 8, latencyMs: 8, times: 100, seconds: 10 });
      const allowed = allowance.burst + 10 * allowance.perSecond;
      return { ...allowance, allowed, taken, ratio: Number((taken / allowed).toFixed(3)), writes };
    });
    console.table(rows);
    for (const { ratio } of rows) {
      expect(ratio).toBeGreaterThan(0.9);
      expect(ratio).toBeLessThan(1.1);
    }
  });

  test('over at most 8 instances stays within a tenth whatever the numbers are', () => {
    fc.assert(
      fc.property(
        fc.record({
          perSecond: fc.integer({ min: 1, max: 50 }),
          burst: fc.integer({ min: 20, max: 500 }),
          instances: fc.integer({ min: 1, max: 8 }),
          latencyMs: fc.integer({ min: 1, max: 20 }),
          times: fc.integer({ min: 50, max: 100 }),
        }),
        ({ perSecond, burst, ...how }) => {
          const { taken } = flood({ perSecond, burst }, { ...how, seconds: 10 });
          const allowed = burst + 10 * perSecond;
          expect(Math.abs(taken - allowed)).toBeLessThanOrEqual(allowed / 10);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('over more of them, at any pace, gets at most what each may take before it pays', () => {
    fc.assert(
      fc.property(
        fc.record({
          perSecond: fc.integer({ min: 1, max: 50 }),
          burst: fc.integer({ min: 1, max: 500 }),
          instances: fc.integer({ min: 1, max: 40 }),
          latencyMs: fc.integer({ min: 1, max: 40 }),
          times: fc.integer({ min: 2, max: 100 }),
        }),
        ({ perSecond, burst, ...how }) => {
          const { taken } = flood({ perSecond, burst }, { ...how, seconds: 10 });
          const each = Math.max(1, Math.floor(burst / 10));
          expect(taken).toBeLessThanOrEqual(burst + 10 * perSecond + how.instances * each);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('normal use', () => {
  test('costs at most 0.1 writes an event, all three buckets together, however fast within the allowance', () => {
    const rows = [0.1, 0.5, 1, 2, 5, 9].map((perSecond) => {
      const spent = (['perSocket', 'perUser', 'framesPerSocket'] as const).map((name) => {
        const fleet = createFleet(LIMITS[name], 3, 8);
        let events = 0;
        for (let at = 0; at < 3_600_000; at += 1000 / perSecond, events++) {
          fleet.advance(1_000_000 + at);
          fleet.arrive(events % 3);
        }
        expect(fleet.counts.refused).toBe(0);
        return fleet.counts.writes / events;
      });
      return { 'events a second': perSecond, 'writes an event': spent.reduce((sum, n) => sum + n, 0) };
    });
    console.table(rows);
    for (const row of rows) expect(row['writes an event']).toBeLessThanOrEqual(0.1);
  });

  test('a first event is told to nobody', () => {
    expect(take(UNKNOWN, SOCKET, { at: 5_000, cost: 1 })).toMatchObject({ do: 'take', pay: 0 });
  });

  test('what was owed long ago is forgotten', () => {
    const owing = { ...UNKNOWN, owed: 19, owedSince: 1_000_000, fullAt: 1_002_000 };
    const soon = take(owing, SOCKET, { at: 1_001_000, cost: 1 });
    expect(soon).toMatchObject({ do: 'take', pay: 20 });
    // Ten times the twenty seconds that it takes to fill.
    const late = take(owing, SOCKET, { at: 1_200_001, cost: 1 });
    expect(late).toMatchObject({ do: 'take', pay: 0, gauge: { owed: 1, owedSince: 1_200_001 } });
  });
});

describe('a bucket', () => {
  test('says when there is something again', () => {
    const empty = { ...UNKNOWN, fullAt: 1_020_000 };
    const decision = take(empty, SOCKET, { at: 1_000_000, cost: 1 });
    expect(decision).toMatchObject({ do: 'refuse', retryAfterMs: 100 });
  });

  test('of one token is asked for each', () => {
    expect(take(UNKNOWN, { perSecond: 1, burst: 1 }, { at: 5_000, cost: 1 })).toEqual({ do: 'ask' });
  });

  test('never grants more than it holds', () => {
    expect(take(UNKNOWN, SOCKET, { at: 5_000, cost: 201 })).toMatchObject({ do: 'refuse' });
  });

  test('counts refusals until it is half full again', () => {
    const empty = { ...UNKNOWN, fullAt: 1_020_000 };
    const once = take(empty, SOCKET, { at: 1_000_000, cost: 1 });
    expect(once).toMatchObject({ gauge: { refused: 1 } });
    const gauge = once.do === 'ask' ? UNKNOWN : once.gauge;
    expect(denied(gauge, SOCKET, { at: 1_000_001, cost: 1 }).refused).toBe(2);
    expect(take(gauge, SOCKET, { at: 1_015_000, cost: 1 })).toMatchObject({ gauge: { refused: 0 } });
  });

  test('that could not be told is told later', () => {
    expect(stillOwed(UNKNOWN, 3, 1_000)).toMatchObject({ owed: 3, owedSince: 1_000 });
    expect(stillOwed({ ...UNKNOWN, owed: 2, owedSince: 900 }, 3, 1_000)).toMatchObject({
      owed: 5,
      owedSince: 900,
    });
  });

  test('waits for the time of one token after somebody else took the last', () => {
    const gauge = denied(UNKNOWN, SOCKET, { at: 1_000_000, cost: 1 });
    expect(take(gauge, SOCKET, { at: 1_000_099, cost: 1 }).do).toBe('refuse');
    expect(take(gauge, SOCKET, { at: 1_000_100, cost: 1 }).do).toBe('ask');
  });
});
