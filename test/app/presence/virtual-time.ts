import { setImmediate } from 'node:timers/promises';

/** Time that passes when nothing else can happen. */
export interface VirtualTime {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Lets everything happen up to then. */
  runUntil(at: number): Promise<void>;
}

export function createVirtualTime(start: number): VirtualTime {
  let now = start;
  let count = 0;
  let waiting: { readonly at: number; readonly order: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms) =>
      new Promise((wake) => {
        waiting.push({ at: now + ms, order: ++count, wake });
      }),
    async runUntil(at) {
      for (;;) {
        // A macrotask comes after all microtasks: whatever could go on has gone on.
        await setImmediate();
        const next = waiting.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
        if (next === undefined || next.at > at) break;
        waiting = waiting.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.wake();
      }
      now = Math.max(now, at);
    },
  };
}

/** A small generator of random numbers (mulberry32). */
export function createRandom(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    chance: (probability: number) => next() < probability,
    below: (limit: number) => Math.floor(next() * limit),
  };
}
export type Random = ReturnType<typeof createRandom>;
