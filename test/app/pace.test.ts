import { describe, expect, test } from 'vitest';

import { createPace } from '../../lambdas/app/pace.ts';

/** A pace, and when whoever comes passes; time goes on only by `advance`. */
function createTrack(perSecond: number, longestMs = 60_000) {
  let at = 0;
  const waiting: { readonly until: number; readonly wake: () => void }[] = [];
  const sleep = (ms: number) =>
    new Promise<void>((wake) => void waiting.push({ until: at + Math.trunc(ms), wake }));
  const pace = createPace({ now: () => at, sleep }, { perSecond, longestMs });
  const passed: number[] = [];
  return {
    passed,
    come: (count: number) => {
      for (let n = 0; n < count; n += 1) void pace().then(() => passed.push(at));
    },
    async advance(ms: number) {
      for (const end = at + ms; at < end; at += 1) {
        for (const each of waiting.filter(({ until }) => until <= at)) {
          waiting.splice(waiting.indexOf(each), 1);
          each.wake();
        }
        // Whoever passes notes the time in a few microtasks.
        for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      }
    },
  };
}

/** The most that pass in any second. */
const busiest = (passed: readonly number[]) =>
  Math.max(...passed.map((from) => passed.filter((at) => at >= from && at < from + 1_000).length));

describe('a pace', () => {
  test.each([3, 50, 400])('lets %i pass in any second, no fewer while somebody waits', async (perSecond) => {
    const { come, advance, passed } = createTrack(perSecond);
    come(perSecond);
    await advance(200);
    come(2 * perSecond);
    await advance(4_000);
    expect(passed).toHaveLength(3 * perSecond);
    expect(busiest(passed)).toBe(perSecond);
    expect(Math.max(...passed)).toBeLessThanOrEqual(3_000);
  });

  test('makes nobody wait who comes alone', async () => {
    const { come, advance, passed } = createTrack(2);
    come(1);
    await advance(500);
    come(1);
    await advance(5_000);
    come(1);
    await advance(1);
    expect(passed).toEqual([0, 500, 5_500]);
  });

  test('makes nobody wait too long: a crowd goes when it has waited', async () => {
    const { come, advance, passed } = createTrack(1, 3_000);
    come(20);
    await advance(3_001);
    expect(passed.slice(0, 3)).toEqual([0, 1_000, 2_000]);
    expect(passed.slice(3)).toEqual(Array.from({ length: 17 }, () => 3_000));
  });
});
