import type { Millis } from '../domain/entities.ts';

/** Fulfilled once it is the caller's turn. */
export type Pace = () => Promise<void>;

export interface PaceDeps {
  readonly now: () => Millis;
  readonly sleep: (ms: Millis) => Promise<void>;
}

export interface PaceOptions {
  readonly perSecond: number;
  /** Nobody waits longer, however many have come: then they go together. */
  readonly longestMs: Millis;
}

/** Lets so many pass in any second, at even gaps and in the order they come. */
export function createPace({ now, sleep }: PaceDeps, { perSecond, longestMs }: PaceOptions): Pace {
  const gap = 1_000 / perSecond;
  let next = 0;
  return async () => {
    const at = now();
    const turn = Math.min(Math.max(at, next), at + longestMs);
    next = turn + gap;
    // A timer drops fractions: it would ring too early.
    if (turn > at) await sleep(Math.ceil(turn - at));
  };
}
