import { describe, expect, it } from 'vitest';

import { createTurns, wasBefore } from '../../lambdas/domain/turns.ts';

describe('turns of an instance', () => {
  it('are in order when one piece of work ended before the next began', () => {
    const turns = createTurns('a');
    const [one, two] = [{}, {}];
    const first = turns.take(one);
    turns.end(one);
    const second = turns.take(two);
    expect([wasBefore(first, second), wasBefore(second, first), wasBefore(first, first)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('are in no order when both were going on, until one has ended', () => {
    const turns = createTurns('a');
    const [one, two] = [{}, {}];
    const first = turns.take(one);
    const second = turns.take(two);
    expect([wasBefore(first, second), wasBefore(second, first)]).toEqual([false, false]);
    turns.end(two);
    expect(wasBefore(second, turns.take(one))).toBe(false);
    turns.end(one);
    expect(wasBefore(second, turns.take({}))).toBe(true);
  });

  it('of one piece of work are in the order of its calls', () => {
    const turns = createTurns('a');
    const work = {};
    const [first, second] = [turns.take(work), turns.take(work)];
    expect([wasBefore(first, second), wasBefore(second, first)]).toEqual([true, false]);
  });

  it('of two instances are in no order, nor is what has none', () => {
    const [a, b] = [createTurns('a'), createTurns('b')];
    const first = a.take({});
    expect(wasBefore(first, b.take({}))).toBe(false);
    expect([wasBefore(first, undefined), wasBefore(undefined, first), wasBefore(first, 'a')]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
