import type { Millis } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { Deps } from './deps.ts';

export interface Attempt {
  /** What is counted; attempts with the same key share a counter. */
  readonly key: string;
  readonly allowed: number;
}

/** Counts an attempt under every key. Rejects with `rate_limited`, and when to come back, if any was used up before. */
export async function throttle(
  deps: Pick<Deps, 'throttle' | 'limits' | 'log'>,
  attempts: readonly Attempt[],
  at: Millis,
): Promise<void> {
  const seconds = deps.limits.windowSeconds;
  const counts = await Promise.all(
    attempts.map(async ({ key, allowed }) => (await deps.throttle.hit(key, { seconds, at })) <= allowed),
  );
  if (counts.every(Boolean)) return;
  const windowMs = seconds * 1000;
  deps.log.info('attempts refused', { kinds: attempts.map(({ key }) => key.split(':', 1)[0]) });
  throw new CausewayError('rate_limited', 'Too many attempts; try again later.', {
    retryAfterSeconds: Math.ceil((windowMs - (at % windowMs)) / 1000),
  });
}
