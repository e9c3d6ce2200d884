import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Command } from '../../lambdas/domain/commands.ts';
import { CHAT } from '../../lambdas/manifest/limits.ts';
import { NATIVE_ACTIONS } from '../../lambdas/manifest/routes.ts';
import { decodeFrame } from '../../lambdas/wire/decode.ts';
import { encodeError } from '../../lambdas/wire/encode.ts';
import { commandOf } from './decoded.ts';

const roomId = fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/);
const messageId = fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/);
const content = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
const anyId = fc.oneof(fc.string({ minLength: 1, maxLength: CHAT.requestIdChars }), fc.anything());
const hostileKey = fc.constantFrom('__proto__', 'constructor', 'prototype');

test('never throws, whatever the text, and every refusal makes an error frame', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.string());
  fc.assert(
    fc.property(texts, (text) => {
      const decoded = decodeFrame(text);
      if (decoded.ok) return;
      expect(JSON.parse(encodeError(decoded.error, decoded.error.id))).toMatchObject({ event: 'error' });
    }),
  );
});

test('never throws on frames that are nearly right, and names a field of any that it refuses', () => {
  const near = fc.record(
    {
      action: fc.oneof(fc.constantFrom<string>(...NATIVE_ACTIONS), fc.anything()),
      roomId: fc.oneof(roomId, fc.anything()),
      content: fc.oneof(content, fc.anything()),
      messageId: fc.oneof(messageId, fc.anything()),
      context: fc.oneof(fc.dictionary(fc.oneof(fc.string(), hostileKey), fc.jsonValue()), fc.anything()),
      limit: fc.oneof(fc.integer(), fc.anything()),
      isTyping: fc.oneof(fc.boolean(), fc.anything()),
      id: anyId,
    },
    { requiredKeys: ['action'] },
  );
  fc.assert(
    fc.property(near, (frame) => {
      const decoded = decodeFrame(jsonOf(frame));
      if (decoded.ok) expect(NATIVE_ACTIONS).toContain(frame.action);
      else if (decoded.error.code !== 'invalid_json') expect(decoded.error.field).toBeTypeOf('string');
    }),
  );
});

test('a prototype key is refused at any depth', () => {
  fc.assert(
    fc.property(
      hostileKey,
      fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 10 }),
      fc.jsonValue(),
      (key, path, value) => {
        const inner = `{${JSON.stringify(key)}:${JSON.stringify(value)}}`;
        const text = path.reduceRight((json, step) => `{${JSON.stringify(step)}:${json}}`, inner);
        expect(decodeFrame(`{"action":"ping","x":${text}}`)).toMatchObject({
          ok: false,
          error: { code: 'invalid_field' },
        });
      },
    ),
  );
});

test('valid commands survive the trip through their frame', () => {
  const commands: fc.Arbitrary<readonly [string, object]> = fc.oneof(
    fc.tuple(fc.constant('join'), fc.record({ roomId })),
    fc.tuple(fc.constant('leave'), fc.record({ roomId })),
    fc.tuple(fc.constant('typing'), fc.record({ roomId, isTyping: fc.boolean() })),
    fc.tuple(fc.constant('read'), fc.record({ roomId, messageId })),
    fc.tuple(
      fc.constant('history'),
      fc.record(
        { roomId, limit: fc.integer({ min: 1, max: 100 }), before: messageId },
        { requiredKeys: ['roomId', 'limit'] },
      ),
    ),
    fc.tuple(
      fc.constant('send'),
      fc.record(
        { roomId, content, messageType: fc.constantFrom('text', 'image', 'file'), replyTo: messageId },
        { requiredKeys: ['roomId', 'content', 'messageType'] },
      ),
    ),
  );
  const kinds: Readonly<Record<string, Command['kind']>> = {
    join: 'room.join',
    leave: 'room.leave',
    typing: 'typing.set',
    read: 'message.read',
    history: 'history.read',
    send: 'message.send',
  };
  fc.assert(
    fc.property(commands, ([action, fields]) => {
      expect(commandOf({ action, ...fields })).toEqual({ kind: kinds[action], ...fields });
    }),
  );
});

/** JSON of anything, or a text that is not JSON where there is none (cycles, big integers, throwing getters). */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return 'not JSON';
  }
}
