import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  parseClientMessageId,
  parseConnectionId,
  parseMessageId,
  parseNotificationId,
  parseRoomId,
  parseSessionId,
  parseUserId,
} from '../../lambdas/domain/ids.ts';

const PARSERS = {
  room: parseRoomId,
  user: parseUserId,
  clientMessage: parseClientMessageId,
  message: parseMessageId,
  notification: parseNotificationId,
  connection: parseConnectionId,
  session: parseSessionId,
};
const EXAMPLES = {
  room: '65a1b2c3d4e5f60718293a4b',
  user: 'auth0|5f7c8ec7c33c6c004bbafe82',
  clientMessage: 'c-1_A',
  message: '01KDYN2QCE0000000000000000',
  notification: '01KDYN2QCE0000000000000000',
  connection: 'L0SM9cOFvHcCIhw=',
  session: 'AAAAAAAAAAAAAAAAAAAAAA',
};

describe.each(Object.keys(PARSERS) as (keyof typeof PARSERS)[])('%s ids', (kind) => {
  const parse = PARSERS[kind];

  test('are themselves when they are well-formed', () => {
    expect(parse(EXAMPLES[kind])).toBe(EXAMPLES[kind]);
  });

  test('never hold what separates keys, nor white space or control characters', () => {
    const hostile = fc.constantFrom('#', ' ', '\n', '\t', '\u00a0');
    fc.assert(
      fc.property(fc.string(), hostile, fc.string(), (before, separator, after) => {
        expect(parse(before + separator + after)).toBeUndefined();
      }),
    );
  });

  test('are never empty, too long, or anything but text', () => {
    expect(parse('')).toBeUndefined();
    expect(parse('a'.repeat(129))).toBeUndefined();
    fc.assert(
      fc.property(
        fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.object(), fc.array(fc.string())),
        (input) => {
          expect(parse(input)).toBeUndefined();
        },
      ),
    );
  });
});

test('ids that stand in paths are never paths', () => {
  const path = fc.oneof(
    fc.constantFrom('.', '..', '/', '../..', '%2e%2e', './x', '..\\x'),
    fc.tuple(fc.string(), fc.constantFrom('/', '\\', '%', '?'), fc.string()).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(path, (input) => {
      for (const parse of [
        parseRoomId,
        parseUserId,
        parseMessageId,
        parseNotificationId,
        parseClientMessageId,
      ]) {
        expect(parse(input)).toBeUndefined();
      }
    }),
  );
});
