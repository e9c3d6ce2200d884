import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { mapBounded } from '../../lambdas/app/map-bounded.ts';

test('results keep the order of the items, however long each takes, and no more run at once than allowed', async () => {
  const turns = fc.array(fc.nat(5), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(turns, fc.integer({ min: 1, max: 8 }), async (items, concurrency) => {
      let running = 0;
      let peak = 0;
      const results = await mapBounded(items, concurrency, async (turn) => {
        peak = Math.max(peak, (running += 1));
        for (let n = 0; n < turn; n++) await setImmediate();
        running -= 1;
        return turn * 2;
      });
      expect(results).toEqual(items.map((turn) => turn * 2));
      expect(peak).toBeLessThanOrEqual(concurrency);
    }),
  );
});

test('a failure is the caller’s', async () => {
  await expect(mapBounded([1], 2, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});
