import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { assemble, type Piece } from '../../../compat/engine/attachments.ts';
import type { Message } from '../../../compat/types.ts';
import { SOCKETIO_SESSION } from '../../../lambdas/manifest/limits.ts';

const bytes = (...values: number[]) => Buffer.from(values);

/** Each piece an invocation of its own, the queue kept in between. */
function feed(pieces: readonly Piece[], order: 'strict' | 'loose') {
  let partial: readonly string[] = [];
  const messages: Message[] = [];
  for (const piece of pieces) {
    const assembled = assemble(partial, [piece], order);
    if (assembled.invalid) return { messages, partial, invalid: true };
    partial = assembled.partial;
    messages.push(...assembled.messages);
  }
  return { messages, partial, invalid: false };
}

describe('assembling', () => {
  test('text costs nothing: the queue stays the very same', () => {
    const partial = ['{"text":"51-[]","attachments":[]}'];
    const assembled = assemble(partial, [{ text: '2["a"]' }], 'strict');

    expect(assembled.messages).toEqual([{ text: '2["a"]', attachments: [] }]);
    expect(assembled.partial).toBe(partial);
  });

  test('a header waits for its attachments', () => {
    const { messages, partial } = feed(
      [{ text: '52-["a"]' }, { data: bytes(1) }, { data: bytes(2) }],
      'strict',
    );

    expect(messages).toEqual([{ text: '52-["a"]', attachments: [bytes(1), bytes(2)] }]);
    expect(partial).toEqual([]);
  });

  test('text may overtake attachments, as browsers with forceBase64 make it', () => {
    const pieces = [
      { text: '51-["a"]' },
      { text: '2["b"]' },
      { text: '51-["c"]' },
      { data: bytes(1) },
      { data: bytes(2) },
    ];

    expect(feed(pieces, 'loose').messages.map(({ text }) => text)).toEqual([
      '2["b"]',
      '51-["a"]',
      '51-["c"]',
    ]);
  });

  test('attachments may overtake headers over a WebSocket', () => {
    const pieces = [
      { data: bytes(1) },
      { data: bytes(2) },
      { text: '51-["a"]' },
      { text: '52-["b"]' },
      { data: bytes(3) },
    ];

    expect(feed(pieces, 'loose').messages).toEqual([
      { text: '51-["a"]', attachments: [bytes(1)] },
      { text: '52-["b"]', attachments: [bytes(2), bytes(3)] },
    ]);
  });

  test('attachments of a packet that overtook one another are put in the order they arrived in', () => {
    const pieces = [
      { data: bytes(2), at: 12 },
      { text: '53-["a"]' },
      { data: bytes(3), at: 13 },
      { data: bytes(1), at: 11 },
    ];

    expect(feed(pieces, 'loose').messages[0]?.attachments).toEqual([bytes(1), bytes(2), bytes(3)]);
  });

  test('those of the same millisecond in the order their invocations began in', () => {
    const pieces = [
      { data: bytes(3), at: 12, began: 1 },
      { text: '53-["a"]' },
      { data: bytes(2), at: 11, began: 20.75 },
      { data: bytes(1), at: 11, began: 20.5 },
    ];

    expect(feed(pieces, 'loose').messages[0]?.attachments).toEqual([bytes(1), bytes(2), bytes(3)]);
  });

  test('an attachment nobody waits for is invalid where nothing can be overtaken; what came before it counts', () => {
    const assembled = assemble([], [{ text: '2["a"]' }, { data: bytes(1) }, { text: '2["b"]' }], 'strict');

    expect(assembled).toMatchObject({ invalid: true, messages: [{ text: '2["a"]' }] });
  });

  test.each(['50-["a"]', '511-["a"]', '5["a"]', '5-', '6', '5999999-[]'])(
    '%s announces nothing: the Socket.IO parser refuses it',
    (text) => {
      expect(assemble([], [{ text }], 'strict').messages).toEqual([{ text, attachments: [] }]);
    },
  );

  test('more than a session can keep is invalid', () => {
    const big = { data: Buffer.alloc(30_000) };
    const most = Math.floor(SOCKETIO_SESSION.partialBytes / 40_100);
    const pieces = (count: number) => Array.from({ length: count }, () => big);
    expect(feed(pieces(most + 1), 'loose').invalid).toBe(true);
    expect(feed(pieces(most), 'loose').invalid).toBe(false);
  });

  test('headers and attachments in their own order make the same messages, however they are mixed', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 6 });
    fc.assert(
      fc.property(counts, fc.infiniteStream(fc.boolean()), (counts, coins) => {
        const headers: Piece[] = counts.map((count, index) => ({ text: `5${count}-["${index}"]` }));
        const total = counts.reduce((sum, count) => sum + count, 0);
        const attachments: Piece[] = Array.from({ length: total }, (_, index) => ({ data: bytes(index) }));
        const mixed: Piece[] = [];
        while (headers.length + attachments.length > 0) {
          const first = coins.next().value === true ? headers : attachments;
          const piece = (first.length > 0 ? first : first === headers ? attachments : headers).shift();
          if (piece !== undefined) mixed.push(piece);
        }

        const { messages, partial, invalid } = feed(mixed, 'loose');
        expect({ partial, invalid }).toEqual({ partial: [], invalid: false });
        expect(messages.flatMap((message) => message.attachments.map((data) => data[0]))).toEqual(
          Array.from({ length: total }, (_, index) => index),
        );
        expect(messages.map((message) => message.attachments.length)).toEqual(counts);
      }),
    );
  });

  test('random pieces never throw', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => ({ text })),
      fc.constantFrom('51-', '63-["a"]', '510-').map((text) => ({ text })),
      fc.uint8Array().map((data) => ({ data })),
    );
    fc.assert(
      fc.property(
        fc.array(piece),
        fc.constantFrom('strict', 'loose'),
        (pieces, order) => void feed(pieces, order),
      ),
    );
  });
});
