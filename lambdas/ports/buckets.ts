import type { Millis } from '../domain/entities.ts';

/** A token bucket's row; see domain/token-bucket.ts. */
export interface Spending {
  readonly at: Millis;
  /** So much later the bucket is full for it. */
  readonly ms: Millis;
  /** Spends only if the bucket is full by then; absent: in any case. */
  readonly until?: Millis;
  /** The caller knows for sure that the bucket is not full at `at`. Saves a write, decides nothing. */
  readonly notFull: boolean;
  /** When the row may be forgotten. */
  readonly expiresAt: Millis;
}

/** Token buckets shared by all function instances. MUST reject with CausewayError('unavailable') as in ports/stores.ts. */
export interface BucketStore {
  /** Atomic. When the bucket will be full now; a bucket nobody knows is full. */
  spend(key: string, spending: Spending): Promise<Millis | 'refused'>;
}
