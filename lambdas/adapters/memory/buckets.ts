import type { BucketStore } from '../../ports/buckets.ts';
import type { State } from './state.ts';

export function createBucketStore({ buckets }: Pick<State, 'buckets'>): BucketStore {
  return {
    async spend(key, { at, ms, until }) {
      const fullAt = Math.max(buckets.get(key) ?? 0, at) + ms;
      if (until !== undefined && fullAt > until) return 'refused';
      buckets.set(key, fullAt);
      return fullAt;
    },
  };
}
