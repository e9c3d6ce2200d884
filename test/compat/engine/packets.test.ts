import { decodePacket as stockDecode, decodePayload as stockPayload } from 'engine.io-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodePacket } from '../../../compat/engine/packets.ts';
import { decodePayload, encodePayload } from '../../../compat/engine/payload.ts';
import { readPayload } from '../../../compat/engine/poll-post.ts';

describe('packets', () => {
  test.each([
    ['2probe', 'probe'],
    ['2', 'ping'],
    ['2prob', 'ping'],
    ['3', 'pong'],
    ['3probe', 'pong'],
    ['1', 'close'],
    ['5', 'upgrade'],
    ['0', 'ignored'],
    ['6', 'ignored'],
    ['', 'invalid'],
    ['7', 'invalid'],
    ['4', 'invalid'],
    ['{"message": "Internal server error"}', 'invalid'],
    ['\u0000', 'invalid'],
  ])('%j is a %s', (packet, kind) => {
    expect(decodePacket(packet).kind).toBe(kind);
  });

  test('messages and binary keep what they carry', () => {
    expect(decodePacket('42["a"]')).toEqual({ kind: 'message', text: '2["a"]' });
    expect(decodePacket('bAQID')).toEqual({ kind: 'binary', data: Buffer.from([1, 2, 3]) });
  });

  test('anything is read as the stock parser reads it', () => {
    const digits = fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', 'b', '');
    const packets = fc.tuple(digits, fc.string({ unit: 'binary' })).map((parts) => parts.join(''));
    fc.assert(
      fc.property(packets, (packet) => {
        const ours = decodePacket(packet);
        const stock = stockDecode(packet);
        expect(ours.kind === 'invalid').toBe(stock.type === 'error' || packet === '4');
        if (ours.kind === 'message') expect(ours.text).toBe(stock.data);
        if (ours.kind === 'binary') expect(ours.data).toEqual(stock.data);
      }),
    );
  });
});

describe('payloads', () => {
  test('are split where the stock parser splits them', () => {
    const bodies = fc
      .array(fc.string({ unit: fc.constantFrom('4a', 'a', '2', 'b', '\u001E', '1', 'é') }))
      .map((parts) => parts.join('\u001E'));
    fc.assert(
      fc.property(bodies, (body) => {
        expect(decodePayload(body).map(({ kind }) => kind === 'invalid')).toEqual(
          stockPayload(body).map(({ type }) => type === 'error'),
        );
      }),
    );
  });

  test('round-trip', () => {
    expect(encodePayload(['6'])).toBe('6');
    expect(decodePayload(encodePayload(['4a', 'bAQ==', '3']))).toEqual([
      { kind: 'message', text: 'a' },
      { kind: 'binary', data: Buffer.from([1]) },
      { kind: 'pong' },
    ]);
  });

  test.each([
    ['4a\u001E3\u001E6', { pieces: [{ text: 'a' }], pong: true }],
    ['4a\u001E1\u001E4b', { pieces: [{ text: 'a' }], pong: false, end: 'transport close' }],
    ['4a\u001E2', { pieces: [{ text: 'a' }], pong: false, end: 'transport error' }],
    ['2probe', { pieces: [], pong: false, end: 'transport error' }],
    ['bAQ==\u001Eabc\u001E4b', { pieces: [{ data: Buffer.from([1]) }], pong: false, end: 'parse error' }],
    ['', { pieces: [], pong: false, end: 'parse error' }],
  ])('%j is read up to where it ends the session', (body, payload) => {
    expect(readPayload(body)).toEqual(payload);
  });

  test('of random text never throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (body) => void readPayload(body)));
  });
});
