import type { Millis } from '../../domain/entities.ts';

/** By the global timer: fake ones do not reach that of `node:timers/promises`. */
export function sleep(ms: Millis): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
