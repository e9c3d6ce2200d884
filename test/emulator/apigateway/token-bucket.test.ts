import { expect, test } from 'vitest';
import { createThrottle } from '../../../emulator/apigateway/token-bucket.ts';

function throttle(stage: object) {
  const clock = { time: 0, now: () => clock.time };
  const take = createThrottle(stage, clock as never);
  return { clock, take };
}

test('the burst is what may come at once, the rate what comes back in a second', () => {
  const { clock, take } = throttle({
    DefaultRouteSettings: { ThrottlingRateLimit: 2, ThrottlingBurstLimit: 3 },
  });
  expect([1, 2, 3, 4].map(() => take('a'))).toEqual([true, true, true, false]);
  clock.time += 1_000;
  expect([1, 2, 3].map(() => take('a'))).toEqual([true, true, false]);
  clock.time += 3_600_000;
  expect([1, 2, 3, 4].map(() => take('a'))).toEqual([true, true, true, false]);
});

test('each route has its own bucket, and its own limits where the stage gives them', () => {
  const { take } = throttle({
    DefaultRouteSettings: { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 0.001 },
    RouteSettings: { a: { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 0.001 } },
  });
  expect([take('a'), take('a'), take('a'), take('b'), take('b')]).toEqual([true, true, false, true, false]);
});

test('limits of 0 refuse everything, as an unfinished Terraform stage does; no limits refuse nothing', () => {
  expect(
    throttle({ DefaultRouteSettings: { ThrottlingRateLimit: 0, ThrottlingBurstLimit: 0 } }).take('a'),
  ).toBe(false);
  const { take } = throttle({});
  expect(Array.from({ length: 1_000 }, () => take('a')).every(Boolean)).toBe(true);
});
