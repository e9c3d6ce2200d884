/**
 * The emulated clock: real time plus an offset that tests move. The offset lies in shared memory, so functions in worker
 * threads see a move at once, in the middle of an event too. Timers of functions stay real; only the date moves.
 */
import type { Clock } from '../types.ts';

/** setTimeout takes a signed 32 bit number of milliseconds; longer waits are made in steps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
  timer: NodeJS.Timeout | undefined;
}

/** A clock that starts at real time. It has nothing to close: its timers never keep the process alive. */
export function createClock(): Clock {
  return new EmulatedClock();
}

class EmulatedClock implements Clock {
  readonly offset = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  readonly #offset = new Float64Array(this.offset);
  readonly #entries = new Set<Entry>();
  #order = 0;

  now(): number {
    return Date.now() + this.#ahead;
  }

  at(at: number, action: () => void): () => void {
    if (Number.isNaN(at)) throw new RangeError('A time is a number of milliseconds since 1970.');
    const entry: Entry = { at, order: (this.#order += 1), action, timer: undefined };
    this.#entries.add(entry);
    this.#arm(entry);
    return () => {
      clearTimeout(entry.timer);
      this.#entries.delete(entry);
    };
  }

  /**
   * Moves time forward. It stops at each due action, so an action that sets the next one (a schedule) is run as often as it
   * should. All due actions are run; then the first error among them is thrown.
   */
  advance(ms: number): void {
    if (!(ms >= 0) || !Number.isFinite(ms))
      throw new RangeError(`The clock moves forward only, by a number of milliseconds; got ${ms}.`);
    const target = this.#ahead + ms;
    const errors: unknown[] = [];
    for (let due = this.#next(target); due; due = this.#next(target)) {
      this.#ahead = Math.min(target, Math.max(this.#ahead, due.at - Date.now()));
      try {
        this.#run(due);
      } catch (error) {
        errors.push(error);
      }
    }
    this.#ahead = Math.max(this.#ahead, target);
    for (const entry of this.#entries) this.#arm(entry);
    if (errors.length > 0) throw errors[0];
  }

  get #ahead(): number {
    return this.#offset[0] ?? 0;
  }
  set #ahead(ms: number) {
    this.#offset[0] = ms;
  }

  #arm(entry: Entry): void {
    clearTimeout(entry.timer);
    const wait = Math.min(Math.max(entry.at - this.now(), 0), LONGEST_TIMER_MS);
    // A real timer may fire a little early.
    entry.timer = setTimeout(
      () => (entry.at > this.now() ? this.#arm(entry) : this.#run(entry)),
      Math.ceil(wait),
    ).unref();
  }

  #run(entry: Entry): void {
    clearTimeout(entry.timer);
    if (this.#entries.delete(entry)) entry.action();
  }

  #next(target: number): Entry | undefined {
    const until = Date.now() + target;
    let first: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.at > until) continue;
      if (!first || entry.at < first.at || (entry.at === first.at && entry.order < first.order))
        first = entry;
    }
    return first;
  }
}
