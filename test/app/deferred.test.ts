import { expect, test } from 'vitest';

import { isDeferred, undeferred } from '../../lambdas/app/deferred.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';

const sid = 's' as EngineId;
const say = { packets: ['42'], at: 1_000 };

test('only of a socket that is coming back the store is asked', async () => {
  const asked: unknown[] = [];
  const sessions = (outcome: 'deferred' | 'free') => ({
    defer: async (...call: unknown[]) => {
      asked.push(call);
      return outcome;
    },
  });
  expect(await isDeferred(sessions('deferred'), { sid }, say)).toBe(false);
  expect(await isDeferred(sessions('deferred'), { sid, heldUntil: 1_000 }, say)).toBe(false);
  expect(asked).toEqual([]);
  expect(await isDeferred(sessions('deferred'), { sid, heldUntil: 1_001 }, say)).toBe(true);
  expect(await isDeferred(sessions('free'), { sid, heldUntil: 1_001 }, say)).toBe(false);
  expect(asked).toEqual([
    [sid, 1_001, ['42']],
    [sid, 1_001, ['42']],
  ]);
});

test('what is not kept is to be sent, event by event', async () => {
  const [kept, known] = ['42["said","0loyw56wg-0001af4ZjQ"]', '42["typing"]'];
  const sessions = {
    defer: async (...[, , [first]]: readonly [EngineId, number, readonly string[]]) =>
      first === kept ? ('deferred' as const) : ('free' as const),
  };
  const deps = { sessions, clock: { now: () => 1_000 } };
  expect(await undeferred(deps, { sid, heldUntil: 1_001 }, [kept, known])).toEqual([known]);
  const all = [kept];
  expect(await undeferred(deps, { sid }, all)).toBe(all);
});
