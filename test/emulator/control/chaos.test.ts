import { describe, expect, test } from 'vitest';
import {
  CHAOS_DELAYS,
  CHAOS_FAULTS,
  createChaos,
  forcible,
  STORM_FAULTS,
} from '../../../emulator/control/chaos.ts';
import type { ChaosSite } from '../../../emulator/control/chaos.ts';

const SITES = Object.keys(CHAOS_DELAYS) as ChaosSite[];
const FAULTS = Object.keys(CHAOS_FAULTS) as (keyof typeof CHAOS_FAULTS)[];
const STORM = Object.keys(STORM_FAULTS) as (keyof typeof STORM_FAULTS)[];
const draws = <T>(n: number, draw: () => T) => Array.from({ length: n }, draw);

describe('chaos', () => {
  test('is calm without a seed', () => {
    const chaos = createChaos();
    for (const site of SITES) expect(draws(50, () => chaos.delay(site))).toEqual(draws(50, () => 0));
    for (const fault of FAULTS) expect(draws(50, () => chaos.strikes(fault))).not.toContain(true);
  });

  test('is the same for the same seed and another one for another', () => {
    const run = (seed: string) => {
      const chaos = createChaos(seed);
      return [draws(200, () => chaos.delay('message')), draws(200, () => chaos.strikes('drop-disconnect'))];
    };
    expect(run('a')).toEqual(run('a'));
    expect(run('a')).not.toEqual(run('b'));
  });

  test('answers at one site whatever is asked at others', () => {
    const alone = createChaos('seed');
    const mixed = createChaos('seed');
    const expected = draws(100, () => alone.delay('post'));
    const got = draws(100, () => {
      mixed.delay('message');
      mixed.strikes('throttle-post');
      return mixed.delay('post');
    });
    expect(got).toEqual(expected);
  });

  test.each(SITES)('delays %s within its bounds and about as often as documented', (site) => {
    const chaos = createChaos('rates');
    const { rate, minMs, maxMs } = CHAOS_DELAYS[site];
    const delays = draws(5_000, () => chaos.delay(site));
    const late = delays.filter((ms) => ms > 0);
    expect(late.length / delays.length).toBeCloseTo(rate, 1);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(minMs);
    expect(Math.max(...late)).toBeLessThanOrEqual(maxMs);
  });

  test.each(FAULTS)('strikes %s about as often as documented', (fault) => {
    const chaos = createChaos('rates');
    const share = draws(20_000, () => chaos.strikes(fault)).filter(Boolean).length / 20_000;
    expect(Math.abs(share - CHAOS_FAULTS[fault])).toBeLessThan(0.01);
  });

  test.each(STORM)('strikes %s in a storm only', (fault) => {
    const share = (storm: boolean) => {
      const chaos = createChaos('rates', { storm });
      return draws(20_000, () => chaos.strikes(fault)).filter(Boolean).length / 20_000;
    };
    expect(share(false)).toBe(0);
    expect(share(true) / STORM_FAULTS[fault]).toBeGreaterThan(0.5);
    expect(share(true) / STORM_FAULTS[fault]).toBeLessThan(2);
  });
});

test('strikes whenever it can where it is forced to, until it is not', () => {
  const chaos = forcible(createChaos());
  chaos.force(['fail-post', 'throttle-invoke']);
  expect(
    ['fail-post', 'throttle-invoke', 'lose-post'].map((fault) => chaos.strikes(fault as 'fail-post')),
  ).toEqual([true, true, false]);
  chaos.force([]);
  expect([chaos.strikes('fail-post'), chaos.delay('post')]).toEqual([false, 0]);
});
