/**
 * Work that emulated time brings about: schedules, retries of asynchronous invokes. A move of the clock can stop at each
 * and let it end, so that a function sees the time at which it is due and not the time at which the move ends.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../types.ts';

export interface DueWork {
  /** Runs `work` when emulated time reaches `at`; the returned function cancels. */
  at(at: number, work: () => Promise<void>): () => void;
  /** Counts work that has begun as under way until it ends. It must not reject. */
  follow(work: Promise<void>): void;
  /** When the next is due. */
  next(): number | undefined;
  /** Nothing is under way any more, or `limitMs` of real time have passed. */
  settled(limitMs: number): Promise<void>;
  /** Nothing that isn't due yet will run. */
  close(): void;
}

export function createDueWork(clock: Pick<Clock, 'at'>): DueWork {
  const waiting = new Map<() => void, number>();
  const running = new Set<Promise<void>>();
  const follow = (work: Promise<void>) => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };
  return {
    follow,
    at(at, work) {
      const forget = () => {
        stop();
        waiting.delete(forget);
      };
      const stop = clock.at(at, () => {
        waiting.delete(forget);
        follow(work());
      });
      waiting.set(forget, at);
      return forget;
    },
    next: () => (waiting.size === 0 ? undefined : Math.min(...waiting.values())),
    async settled(limitMs) {
      const timer = new AbortController();
      const limit = wait(limitMs, true, { signal: timer.signal, ref: false });
      // Work that ends may have begun more.
      while (running.size > 0 && !(await Promise.race([limit, Promise.all(running).then(() => false)])));
      limit.catch(() => {});
      timer.abort();
    },
    close() {
      for (const forget of waiting.keys()) forget();
    },
  };
}
