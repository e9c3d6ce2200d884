import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { missedInOrder, missedOf, type Told } from '../../../compat/server/missed-of.ts';
import { createTurns } from '../../../lambdas/domain/turns.ts';
import { offsetAt } from '../../../lambdas/domain/offset.ts';
import { TELLING } from '../../../lambdas/manifest/limits.ts';

const W = TELLING.skewMs;
const T = 1_700_000_000_000;
const told = (at: number, until?: number): Told => ({
  offset: offsetAt(T + at),
  ...(until === undefined ? {} : { until: T + until }),
});
const offsets = (events: readonly Told[] | undefined) => events?.map(({ offset }) => offset);
const at = (...instants: number[]) => instants.map((instant) => offsetAt(T + instant));

describe('what a client has missed', () => {
  const last = offsetAt(T + 10_000);
  const cut = (aliveAt: number, goneAt: number) => ({ last, aliveAt: T + aliveAt, goneAt: T + goneAt });

  it('is what was told well after the last it got, in order, and nothing that was told well before', () => {
    const events = [told(20_000), told(0), told(10_000), told(10_000 + W + 1), told(10_000 - W - 1)];
    const verdict = missedOf(events, cut(0, 60_000));
    expect(offsets(verdict?.missed)).toEqual(at(10_000 + W + 1, 20_000));
    expect(verdict?.seen).toEqual([]);
  });

  it('is nothing that was told at the same time, when the client was there longer', () => {
    const events = [told(9_900), told(10_000), told(10_100), told(30_000)];
    const verdict = missedOf(events, cut(10_100 + W, 60_000));
    expect(offsets(verdict?.missed)).toEqual(at(30_000));
    expect(verdict?.seen).toEqual(at(10_100));
  });

  it('is what was told at the same time when the client was gone before', () => {
    const event = told(10_000 + W);
    expect(offsets(missedOf([event], cut(0, 9_999))?.missed)).toEqual([event.offset]);
  });

  it.each([
    ['a little earlier', 9_900],
    ['a little later', 10_100],
  ])('cannot be said of what was told %s when the client may have gone at any time', (_what, instant) => {
    expect(missedOf([told(instant), told(30_000)], cut(0, 60_000))).toBeUndefined();
  });

  it('counts with what somebody noted to have told late', () => {
    expect(missedOf([told(5_000, 12_000)], cut(0, 60_000))).toBeUndefined();
    expect(missedOf([told(10_000, 12_000), told(11_000)], cut(0, 60_000))).toBeUndefined();
    expect(missedOf([told(5_000, 12_000)], cut(12_000, 60_000))?.missed).toEqual([]);
  });

  it('goes by the turns of one instance, as long as nothing was told late', () => {
    const turns = createTurns('a');
    const inTurn = (instant: number, until?: number): Told => {
      const work = {};
      const turn = turns.take(work);
      turns.end(work);
      return { ...told(instant, until), turn };
    };
    const [before, lastOne, after] = [inTurn(9_990), inTurn(10_000), inTurn(10_010)];
    const anyTime = cut(0, 60_000);
    expect(missedOf([after, before, lastOne], anyTime)?.missed).toEqual([after]);
    expect(missedOf([{ ...after, until: T + 20_000 }, lastOne], anyTime)).toBeUndefined();
    expect(missedOf([before, { ...lastOne, until: T + 20_000 }], anyTime)).toBeUndefined();
    const other = { ...told(10_005), turn: createTurns('b').take({}) };
    expect(missedOf([other, lastOne], anyTime)).toBeUndefined();
  });

  describe('with receipts', () => {
    const message = (instant: number, messageId: string, roomId = 'r'): Told => ({
      ...told(instant),
      subject: { kind: 'message', roomId, messageId },
    });
    const receipt = (instant: number, messageId: string, roomId = 'r'): Told => ({
      ...told(instant),
      subject: { kind: 'receipt', roomId, messageId },
    });
    const anyTime = cut(0, 60_000);

    it('goes by the order for them, whatever is in doubt', () => {
      const events = [receipt(9_900, 'a'), receipt(10_100, 'b')];
      expect(offsets(missedOf(events, anyTime)?.missed)).toEqual(at(10_100));
    });

    it('is no message that somebody had read, when it heard of that last', () => {
      expect(missedOf([message(9_950, 'a'), receipt(10_000, 'a')], anyTime)?.missed).toEqual([]);
      expect(missedOf([message(9_950, 'a'), receipt(10_000, 'b')], anyTime)?.missed).toEqual([]);
    });

    it.each([
      ['a later message', message(9_950, 'c'), receipt(10_000, 'b')],
      ['a message told after the receipt', message(10_050, 'a'), receipt(10_000, 'b')],
      ['a message that was told late', { ...message(9_950, 'a'), until: T + 12_450 }, receipt(10_000, 'b')],
      ['a message of another room', message(9_950, 'a', 'other'), receipt(10_000, 'b')],
      ['an event that is no message', told(9_950), receipt(10_000, 'b')],
      ['a message beside another one', message(9_950, 'a'), message(10_000, 'b')],
    ])('is in doubt of %s', (_what, event, lastOne) =>
      expect(missedOf([event, lastOne], anyTime)).toBeUndefined(),
    );
  });

  it('is not what was found to be known the time before', () => {
    const events = [told(10_100), told(30_000)];
    const verdict = missedOf(events, { ...cut(0, 60_000), seen: at(10_100) });
    expect(offsets(verdict?.missed)).toEqual(at(30_000));
    expect(verdict?.seen).toEqual(at(10_100));
  });

  it('is plain where everything was sent in order', () => {
    const events = [told(10_200), told(9_999), told(10_000), told(10_100), told(10_050)];
    const verdict = missedInOrder(events, { last, seen: at(10_050) });
    expect(offsets(verdict.missed)).toEqual(at(10_100, 10_200));
  });
});

/** A wire: events are told at any time within their spans; a client gets those that were told before it was cut. */
const wire = fc.record({
  events: fc.uniqueArray(
    fc.record({
      from: fc.integer({ min: 0, max: 3_000 }),
      delay: fc.integer({ min: 0, max: W }),
      late: fc.option(fc.integer({ min: 0, max: 2_000 }), { nil: undefined, freq: 5 }),
    }),
    { selector: ({ from }) => from, minLength: 1, maxLength: 40 },
  ),
  cutAt: fc.integer({ min: 0, max: 4_000 }),
  /** How long before the cut the client was heard last, and how long after it somebody noticed. */
  heardAgo: fc.integer({ min: 0, max: 4_000 }),
  noticedIn: fc.integer({ min: 0, max: 4_000 }),
  knowsAlive: fc.boolean(),
});

describe('on a wire that keeps its order', () => {
  it('the verdict, where there is one, is exactly what did not arrive', () => {
    let verdicts = 0;
    fc.assert(
      fc.property(wire, ({ events, cutAt, heardAgo, noticedIn, knowsAlive }) => {
        const goneAt = cutAt + noticedIn;
        const sent = events
          // Nobody looks for recipients later than that.
          .map(({ from, delay, late }) => ({
            ...told(from, late === undefined ? undefined : from + delay + late),
            acceptedAt: from + delay + (late ?? 0),
          }))
          .toSorted((one, other) => one.acceptedAt - other.acceptedAt);
        const got = sent.filter(({ acceptedAt }) => acceptedAt <= cutAt);
        const last = got.at(-1)?.offset;
        if (last === undefined) return;
        const aliveAt = knowsAlive ? Math.max(0, cutAt - heardAgo) : -T;
        const verdict = missedOf(sent, { last, aliveAt: T + aliveAt, goneAt: T + goneAt });
        if (verdict === undefined) return;
        verdicts += 1;
        const lost = sent.filter(({ acceptedAt }) => acceptedAt > cutAt);
        expect(offsets(verdict.missed)).toEqual((offsets(lost) ?? []).toSorted());
        const later = (offsets(got) ?? []).filter((offset) => offset > last);
        expect([...verdict.seen].toSorted()).toEqual(later.toSorted());
      }),
      { numRuns: 3_000 },
    );
    expect(verdicts).toBeGreaterThan(300);
  });
});
