import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { checkJsonObject } from '../../lambdas/domain/json-object.ts';
import { utf8Length } from '../../lambdas/domain/utf8.ts';

const nested = (levels: number): unknown => (levels === 1 ? {} : { in: nested(levels - 1) });

describe('a JSON object to store', () => {
  test('may be any small plain object', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 4 })),
        (input) => {
          fc.pre(!JSON.stringify(input).match(/"(__proto__|constructor|prototype)":/));
          const plain: unknown = JSON.parse(JSON.stringify(input));
          expect(checkJsonObject(plain, 1e6)).toEqual({ ok: true, value: plain });
        },
      ),
    );
  });

  test.each([null, undefined, 'text', 1, true, [], [{}]])('%j is none', (input) => {
    expect(checkJsonObject(input, 100)).toEqual({ ok: false, error: 'must be an object' });
  });

  test.each(['__proto__', 'constructor', 'prototype'])('must not have a key %s, however deep', (key) => {
    const inner = `{"${key}":1}`;
    for (const text of [inner, `{"a":[0,{"b":${inner}}]}`]) {
      expect(checkJsonObject(JSON.parse(text), 100)).toEqual({
        ok: false,
        error: `must not have a key named ${key}`,
      });
    }
  });

  test.each([
    { f: () => 1 },
    { n: Number.NaN },
    { n: [Number.POSITIVE_INFINITY] },
    { u: undefined },
    { b: 1n },
  ])('must hold nothing that JSON cannot say', (input) => {
    expect(checkJsonObject(input, 100)).toEqual({ ok: false, error: 'must hold nothing but JSON values' });
  });

  test('may be 16 levels deep, not 17, and not a hundred thousand', () => {
    expect(checkJsonObject(nested(16), 1000).ok).toBe(true);
    expect(checkJsonObject(nested(17), 1000).ok).toBe(false);
    expect(checkJsonObject(JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 1e9)).toEqual({
      ok: false,
      error: 'must not be nested deeper than 16 levels',
    });
  });

  test('is measured in bytes, not in characters', () => {
    const euro = { t: '€' };
    expect(checkJsonObject(euro, 11).ok).toBe(true);
    expect(checkJsonObject(euro, 10)).toEqual({ ok: false, error: 'must be at most 10 bytes of JSON' });
  });
});

test('utf8Length is what an encoder would write', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' })), (text) => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
    }),
  );
});

test.each(['', 'a', 'é', '€', '🦊', 'a\ud800b', 'a\udc00', '\u07ff\u0800\uffff\u{10000}'])(
  'utf8Length of %j too',
  (text) => {
    expect(utf8Length(text)).toBe(Buffer.byteLength(text));
  },
);
