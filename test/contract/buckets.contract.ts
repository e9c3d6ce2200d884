import { describe, expect, test } from 'vitest';

import type { Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import type { Spending } from '../../lambdas/ports/buckets.ts';
import { NOW, race, someUserId } from './data.ts';

/** Of a bucket that takes ten seconds to fill. */
const spending = (over: Partial<Spending> = {}): Spending => ({
  at: NOW,
  ms: 1_000,
  notFull: false,
  expiresAt: NOW + 3_600_000,
  ...over,
});

export function bucketStoreContract(stores: () => Stores): void {
  describe('BucketStore', () => {
    test('a bucket is full later for all that is spent, whatever the caller thinks it knows', async () => {
      const key = `user:${someUserId()}`;
      const spend = (over?: Partial<Spending>) => stores().buckets.spend(key, spending(over));
      expect(await spend()).toBe(NOW + 1_000);
      expect(await spend()).toBe(NOW + 2_000);
      expect(await spend({ notFull: true, ms: 500 })).toBe(NOW + 2_500);
      // Full again since.
      expect(await spend({ at: NOW + 60_000, notFull: true })).toBe(NOW + 61_000);
      expect(await stores().buckets.spend(`${key}-other`, spending({ notFull: true }))).toBe(NOW + 1_000);
    });

    test('is spent from only if there is enough, when that is asked', async () => {
      const key = `user:${someUserId()}`;
      const ask = (over?: Partial<Spending>) =>
        stores().buckets.spend(key, spending({ until: NOW + 10_000, ...over }));
      expect(await ask({ ms: 10_001 })).toBe('refused');
      expect(await ask({ ms: 9_000 })).toBe(NOW + 9_000);
      expect(await ask({ ms: 1_001 })).toBe('refused');
      expect(await ask({ ms: 1_001, notFull: true })).toBe('refused');
      expect(await ask({ notFull: true })).toBe(NOW + 10_000);
      expect(await ask()).toBe('refused');
      // What was not asked is spent in any case.
      expect(await stores().buckets.spend(key, spending())).toBe(NOW + 11_000);
    });

    test('counts fractions of milliseconds', async () => {
      const key = `user:${someUserId()}`;
      for (let n = 0; n < 3; n++) await stores().buckets.spend(key, spending({ ms: 1000 / 3 }));
      const fullAt = await stores().buckets.spend(key, spending({ ms: 0 }));
      expect(fullAt).toBeCloseTo(NOW + 1_000, 1);
    });

    test('40 who race for 10 tokens get 10, and none is lost', async () => {
      const key = `socket:${someUserId()}`;
      const outcomes = await race(40, (n) =>
        stores().buckets.spend(key, spending({ until: NOW + 10_000, notFull: n > 20 })),
      );
      // Some gave up too soon, not knowing that the bucket was not full any more.
      const granted = outcomes.filter((outcome) => outcome !== 'refused').length;
      expect(granted).toBeLessThanOrEqual(10);
      let more = 0;
      while ((await stores().buckets.spend(key, spending({ until: NOW + 10_000 }))) !== 'refused') more += 1;
      expect(granted + more).toBe(10);
    });

    test('takes a name of any length', async () => {
      const key = `connects:${'x'.repeat(3_000)}#`;
      expect(await stores().buckets.spend(key, spending())).toBe(NOW + 1_000);
      expect(await stores().buckets.spend(key, spending())).toBe(NOW + 2_000);
    });
  });
}
