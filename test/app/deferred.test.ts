import { expect, test } from 'vitest';

import { isDeferred } from '../../lambdas/app/deferred.ts';
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
