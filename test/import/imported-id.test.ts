import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { importedId } from '../../bin/import/imported-id.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import { parseMessageId } from '../../lambdas/domain/ids.ts';
import { belongsTo, messageId, timeOf } from '../../lambdas/domain/message-id.ts';

const room = 'room-1' as RoomId;
const instant = fc.record({
  ms: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  micros: fc.integer({ min: 0, max: 999 }),
});
const original = fc.oneof(
  fc.uuid(),
  fc.nat().map(String),
  fc.stringMatching(/^[0-9a-f]{24}$/),
  fc.string({ minLength: 1 }),
);

describe('the id of an imported message', () => {
  test('is a message id of its room and instant, the same each time', () => {
    fc.assert(
      fc.property(original, instant, (id, createdAt) => {
        const made = importedId({ id, createdAt }, room);
        expect(parseMessageId(made)).toBe(made);
        expect(belongsTo(made, room)).toBe(true);
        expect(timeOf(made)).toBe(createdAt.ms);
        expect(importedId({ id, createdAt }, room)).toBe(made);
      }),
    );
  });

  test('sorts by the instant to the microsecond', () => {
    fc.assert(
      fc.property(original, original, fc.tuple(instant, instant), ([...one], [...other], [a, b]) => {
        const order = a.ms - b.ms || a.micros - b.micros;
        fc.pre(order !== 0);
        const first = importedId({ id: one.join(''), createdAt: a }, room);
        const second = importedId({ id: other.join(''), createdAt: b }, room);
        expect(first < second).toBe(order < 0);
      }),
    );
  });

  test.each([
    ['serial numbers', ['98', '99', '100', '1001']],
    ['numbers beyond 2^53', ['9007199254740993', '9007199254740994', '9007199254741000']],
    ['ObjectIds', ['68f1c2a40b5e9d3a7c11f0fe', '68f1c2a40b5e9d3a7c11f0ff', '68f1c2a40b5e9d3a7c11f100']],
  ])('sorts %s of one instant as they were given', (_, ids) => {
    const createdAt = { ms: 1_767_323_045_000, micros: 0 };
    const made = ids.map((id) => importedId({ id, createdAt }, room));
    expect(made).toEqual(made.toSorted());
    expect(new Set(made).size).toBe(ids.length);
  });

  test('differs for 100,000 random ids of one instant', () => {
    const createdAt = { ms: 1_767_323_045_000, micros: 0 };
    const made = new Set<string>();
    for (let n = 0; n < 100_000; n += 1) made.add(importedId({ id: crypto.randomUUID(), createdAt }, room));
    expect(made.size).toBe(100_000);
  });

  test('stays what it was when it is such an id already, of this room and instant only', () => {
    const at = 1_767_323_045_006;
    const own = messageId({ at, requestId: 'abc=' }, room);
    expect(importedId({ id: own, createdAt: { ms: at, micros: 0 } }, room)).toBe(own);
    expect(importedId({ id: own, createdAt: { ms: at + 1, micros: 0 } }, room)).not.toBe(own);
    const other = 'room-2' as RoomId;
    expect(belongsTo(importedId({ id: own, createdAt: { ms: at, micros: 0 } }, other), other)).toBe(true);
  });

  test('keeps this layout: importing again after an upgrade must find the same rows', () => {
    const id = importedId({ id: '42', createdAt: { ms: 1_767_323_045_006, micros: 7 } }, room);
    expect(id).toMatchInlineSnapshot(`"01KDYAK34E070002M873EFBDZK"`);
  });
});
