/**
 * Time that passes only when everything that can be done at an instant has been done: hours in milliseconds, and the same
 * order in every run. While installed, the timers, the clock and the random numbers of the whole thread are these.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

import type { Random } from './random.ts';

export interface VirtualTime {
  now(): number;
  /** Runs `action` after `ms` as work that nobody set off: what travels over a network leaves its invocation behind. */
  after(ms: number, action: () => void): void;
  sleep(ms: number): Promise<void>;
  /** Lets time pass until it is `at`, or until `isDone`. */
  run(at: number, isDone?: () => boolean): Promise<void>;
  restore(): void;
}

type Action = (...args: readonly unknown[]) => void;

interface Timer {
  at: number;
  order: number;
  action: (() => void) | undefined;
  readonly every?: number;
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  dateNow: Date.now,
  random: Math.random,
  randomBytes: crypto.randomBytes,
  randomUUID: crypto.randomUUID,
  randomInt: crypto.randomInt,
};

/** One at a time in a thread. */
export function installVirtualTime(startsAt: number, random: Random): VirtualTime {
  const time = new Time(startsAt);
  const root = AsyncLocalStorage.snapshot();
  const bytes = random.branch('bytes');
  const uuid = () =>
    Buffer.from(bytes.bytes(16))
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const bind = (action: Action, args: readonly unknown[]) => {
    const resource = new AsyncResource('timer');
    return () => resource.runInAsyncScope(() => action(...args));
  };
  Object.assign(globalThis, {
    setTimeout: (action: Action, ms = 0, ...args: unknown[]) => time.set(ms, bind(action, args)),
    clearTimeout: (timer: unknown) => time.clear(timer),
    setInterval: (action: Action, ms = 0, ...args: unknown[]) =>
      time.set(ms, bind(action, args), Math.max(1, ms)),
    clearInterval: (timer: unknown) => time.clear(timer),
    setImmediate: (action: Action, ...args: unknown[]) => time.soon(() => action(...args)),
  });
  Date.now = () => time.at;
  Math.random = () => bytes.next();
  // With a callback (base64id fills a buffer ahead) nothing comes: what is left in it would differ from run to run.
  const randomBytes = (count: number, callback?: unknown) =>
    callback === undefined ? Buffer.from(bytes.bytes(count)) : undefined;
  const randomInt = (...range: readonly [number, number?]) => {
    const [min, max] = range.length === 1 ? [0, range[0]] : [range[0], range[1] ?? 0];
    return bytes.between(min, max - 1);
  };
  Object.assign(crypto, { randomBytes, randomUUID: uuid, randomInt });
  syncBuiltinESMExports();
  return {
    now: () => time.at,
    after: (ms, action) => void time.set(ms, () => root(action)),
    sleep: (ms) => new Promise((resolve) => void time.set(ms, resolve)),
    run: (at, isDone) => time.run(at, isDone),
    restore() {
      const { dateNow, random, randomBytes, randomUUID, randomInt, ...timers } = real;
      Object.assign(globalThis, timers);
      Date.now = dateNow;
      Math.random = random;
      Object.assign(crypto, { randomBytes, randomUUID, randomInt });
      syncBuiltinESMExports();
    },
  };
}

class Time {
  at: number;
  #order = 0;
  #immediates = 0;
  /** A binary heap by instant, then by when it was set. */
  readonly #heap: Timer[] = [];

  constructor(at: number) {
    this.at = at;
  }

  set(ms: number, action: () => void, every?: number): Timer & { unref(): void; ref(): void } {
    const delay = Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : 0;
    const timer: Timer = {
      at: this.at + delay,
      order: (this.#order += 1),
      action,
      ...(every === undefined ? {} : { every }),
    };
    this.#push(timer);
    return Object.assign(timer, { unref: () => timer, ref: () => timer, hasRef: () => true });
  }

  clear(timer: unknown): void {
    if (typeof timer === 'object' && timer !== null && 'action' in timer) (timer as Timer).action = undefined;
  }

  soon(action: () => void): unknown {
    this.#immediates += 1;
    return real.setImmediate(() => {
      this.#immediates -= 1;
      action();
    });
  }

  async run(until: number, isDone: () => boolean = () => false): Promise<void> {
    await this.#settle();
    while (!isDone()) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      this.at = Math.max(this.at, next.at);
      // All of an instant at once: they were set by different parties, whose order is nobody's promise.
      while (this.#heap[0] !== undefined && this.#heap[0].at <= this.at) this.#fire(this.#pop());
      await this.#settle();
    }
    if (!isDone()) this.at = Math.max(this.at, until);
  }

  #fire(timer: Timer): void {
    const { action, every } = timer;
    if (action === undefined) return;
    if (every === undefined) timer.action = undefined;
    else {
      timer.at = this.at + every;
      timer.order = this.#order += 1;
      this.#push(timer);
    }
    action();
  }

  /** Until nothing is left to do at this instant: promises and ticks are done before an immediate runs. */
  async #settle(): Promise<void> {
    do await new Promise((resolve) => real.setImmediate(resolve));
    while (this.#immediates > 0);
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): Timer {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    let index = 0;
    while (heap.length > 0) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    if (heap.length > 0) heap[index] = last;
    return first;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
