import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClock } from '../../../emulator/control/clock.ts';

const HOUR = 3_600_000;

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

describe('the emulated clock', () => {
  test('is real time until it is moved, then ahead of it', () => {
    const clock = createClock();
    expect(clock.now()).toBe(1_000_000);
    clock.advance(HOUR);
    vi.advanceTimersByTime(5);
    expect(clock.now()).toBe(1_000_005 + HOUR);
    expect(new Float64Array(clock.offset)[0]).toBe(HOUR);
  });

  test.each([-1, NaN, Infinity])('refuses to move by %s', (ms) => {
    expect(() => createClock().advance(ms)).toThrow(RangeError);
  });

  test('runs actions by itself when real time reaches them', () => {
    const clock = createClock();
    const times: number[] = [];
    clock.at(clock.now() + 50, () => times.push(clock.now()));
    vi.advanceTimersByTime(49);
    expect(times).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(times).toEqual([1_000_050]);
    clock.advance(HOUR);
    expect(times).toHaveLength(1);
  });

  test('runs what a move makes due, in order of time and then of setting, at its own time', () => {
    const clock = createClock();
    const ran: [string, number][] = [];
    const set = (name: string, after: number) =>
      clock.at(1_000_000 + after, () => ran.push([name, clock.now() - 1_000_000]));
    set('late', 300);
    set('early', 100);
    set('twin 1', 200);
    set('twin 2', 200);
    set('too late', 301);
    clock.advance(300);
    expect(ran).toEqual([
      ['early', 100],
      ['twin 1', 200],
      ['twin 2', 200],
      ['late', 300],
    ]);
  });

  test('brings later actions closer', () => {
    const clock = createClock();
    const action = vi.fn();
    clock.at(clock.now() + HOUR, action);
    clock.advance(HOUR - 10);
    vi.advanceTimersByTime(9);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledOnce();
  });

  test('runs a schedule as often as it falls due', () => {
    const clock = createClock();
    let runs = 0;
    const every = () => {
      clock.at(clock.now() + 60_000, () => {
        runs += 1;
        every();
      });
    };
    every();
    clock.advance(10 * 60_000);
    expect(runs).toBe(10);
  });

  test('does not run what was cancelled, also by an action before it', () => {
    const clock = createClock();
    const action = vi.fn();
    clock.at(clock.now() + 10, action)();
    const cancel = clock.at(clock.now() + 30, action);
    clock.at(clock.now() + 20, cancel);
    clock.advance(HOUR);
    vi.advanceTimersByTime(HOUR);
    expect(action).not.toHaveBeenCalled();
  });

  test('runs the others although one throws, and says so', () => {
    const clock = createClock();
    const action = vi.fn();
    clock.at(clock.now() + 10, () => {
      throw new Error('broken action');
    });
    clock.at(clock.now() + 20, action);
    expect(() => clock.advance(30)).toThrow('broken action');
    expect(action).toHaveBeenCalledOnce();
    expect(clock.now()).toBe(1_000_030);
  });

  test('waits longer than a timer can', () => {
    const clock = createClock();
    const action = vi.fn();
    clock.at(clock.now() + 40 * 24 * HOUR, action);
    vi.advanceTimersByTime(40 * 24 * HOUR - 1);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledOnce();
  });

  test('does not keep the process alive', () => {
    vi.useRealTimers();
    const clock = createClock();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    clock.at(clock.now() + HOUR, () => {});
    expect(timers()).toBe(before);
  });
});
