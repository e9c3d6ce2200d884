import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseRoomId, parseUserId } from '../../lambdas/domain/ids.ts';
import { objectId } from '../../lambdas/domain/object-id.ts';

const random = fc.uint8Array({ minLength: 8, maxLength: 8 });

test('an object id is 24 hex digits: the second it was made in, then the random bytes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 42 }), random, (at, bytes) => {
      const id = objectId(at, bytes);
      expect(id).toMatch(/^[0-9a-f]{24}$/);
      expect(Number.parseInt(id.slice(0, 8), 16)).toBe(Math.floor(at / 1000) % 2 ** 32);
      expect(id.slice(8)).toBe(Buffer.from(bytes).toString('hex'));
      expect(parseRoomId(id)).toBe(id);
      expect(parseUserId(id)).toBe(id);
    }),
  );
});

test.each([0, 7, 9])('%s random bytes are refused', (length) => {
  expect(() => objectId(0, new Uint8Array(length))).toThrow(RangeError);
});
