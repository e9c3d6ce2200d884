import type { Clock } from '../types.ts';
import type { DueWork } from './due-work.ts';

/** Real time that due work gets before the clock goes on without it: on AWS, too, runs of a schedule may overlap. */
const PATIENCE_MS = 1_000;

/** Moves emulated time forward by `ms`, stopping wherever work is due until that has ended. */
export async function advance(clock: Clock, due: DueWork, ms: number): Promise<void> {
  let rest = ms;
  for (;;) {
    const step = Math.max(0, (due.next() ?? Infinity) - clock.now());
    if (step > rest) break;
    rest -= step;
    clock.advance(step);
    await due.settled(PATIENCE_MS);
  }
  clock.advance(rest);
  await due.settled(PATIENCE_MS);
}
