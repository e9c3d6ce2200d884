import { sleep } from './sleep.ts';

/** How long somebody is made to wait at most; whoever comes when so many wait already goes at once. */
const LONGEST_MS = 40_000;

/** So many may go together. */
const BURST = 100;

/** Lets so many pass in a second. */
export function createPace(perSecond: number): () => Promise<void> {
  const gap = 1_000 / perSecond;
  let next = 0;
  return async () => {
    // Time that passes, not the time of day.
    const now = performance.now();
    const turn = Math.max(now - BURST * gap, next);
    if (turn - now > LONGEST_MS) return;
    next = turn + gap;
    if (turn > now) await sleep(turn - now);
  };
}
