import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Occurrence, Saying } from '../../../compat/dialects/define-dialect.ts';
import { dialects } from '../../../compat/dialects/dialects.ts';
import { createVocabulary } from '../../../compat/dialects/index.ts';
import { wordOf } from '../../../compat/dialects/word-of.ts';
import { parseMessageId, parseNotificationId, parseRoomId } from '../../../lambdas/domain/ids.ts';
import { checkJsonObject } from '../../../lambdas/domain/json-object.ts';
import { checkContent } from '../../../lambdas/domain/text-rules.ts';
import { CHAT_DIALECTS, DIALECTS } from '../../../lambdas/manifest/dialects.ts';
import { CHAT } from '../../../lambdas/manifest/limits.ts';

const everything = createVocabulary(Object.values(dialects));
const EVENTS = [...new Set(Object.values(dialects).flatMap(({ receives }) => Object.keys(receives)))];

const pin = fc.option(fc.constantFrom(...CHAT_DIALECTS), { nil: undefined });
const roomId = fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/);
const sortedId = fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/);
const content = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString'));
const anything = fc.anything({
  key,
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});
/** Nearly right: the fields of all documents, each right or anything. */
const near = fc.record(
  {
    roomId: fc.oneof(roomId, anything),
    chatId: fc.oneof(roomId, anything),
    content: fc.oneof(content, anything),
    message: fc.oneof(content, anything),
    messageId: fc.oneof(sortedId, anything),
    id: fc.oneof(sortedId, anything),
    messageType: fc.oneof(fc.constantFrom('text', 'image', 'file'), anything),
    context: fc.oneof(fc.dictionary(key, fc.jsonValue()), anything),
  },
  { requiredKeys: [] },
);

test('never throws, whatever is said, and every refusal is one that a client may be told', () => {
  const event = fc.oneof(fc.constantFrom(...EVENTS), fc.string({ unit: 'binary' }), key);
  const args = fc.oneof(fc.tuple(near), fc.tuple(anything), fc.array(anything, { maxLength: 3 }));
  fc.assert(
    fc.property(event, args, pin, (event, args, pin) => {
      const decoded = everything.decode(event, args, pin);
      if (decoded.ok) {
        expect(EVENTS).toContain(event);
        return;
      }
      const [saying] = everything.say({ kind: 'error.raised', error: decoded.error }, pin);
      expect(saying).toEqual(['error', { message: decoded.error.message }]);
      if (decoded.error.code !== 'unknown_action') {
        expect(decoded.error).toMatchObject({ code: 'invalid_field', field: expect.any(String) as string });
      }
    }),
    { numRuns: 2000 },
  );
});

test('a prototype key is refused at any depth of any payload', () => {
  const valid = {
    'chat:join': { chatId: 'c' },
    join_room: { roomId: 'r' },
    message: { message: 'x' },
    'notification.read': { id: '01HZX5M7QK4T9V2B8C6D3F1G0H' },
  };
  const bad = fc.constantFrom('__proto__', 'constructor', 'prototype');
  const path = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 10 });
  fc.assert(
    fc.property(fc.constantFrom(...Object.entries(valid)), bad, path, ([event, payload], bad, path) => {
      const inner = `{${JSON.stringify(bad)}:1}`;
      const json = path.reduceRight((json, step) => `{${JSON.stringify(step)}:${json}}`, inner);
      const hostile = { ...payload, extra: JSON.parse(json) as unknown };
      expect(everything.decode(event, [hostile])).toMatchObject({
        ok: false,
        error: { code: 'invalid_field' },
      });
      expect(everything.decode(event, [payload]).ok).toBe(true);
    }),
  );
});

test('fields obey the rules of the domain, no more and no less', () => {
  const text = fc.oneof(
    content,
    anything,
    fc.constantFrom('', 'x'.repeat(CHAT.contentChars), 'x'.repeat(CHAT.contentChars + 1)),
  );
  const id = fc.oneof(roomId, sortedId, anything, fc.string({ maxLength: 200 }));
  const unlessBroken = (value: unknown) => typeof value !== 'string' || !/[\uD800-\uDFFF]/u.test(value);
  const accepts = (event: string, payload: unknown) => everything.decode(event, [payload]).ok;
  fc.assert(
    fc.property(text, id, (text, id) => {
      fc.pre(unlessBroken(text) && unlessBroken(id));
      expect(accepts('message', { message: text })).toBe(checkContent(text).ok);
      expect(accepts('send_message', { roomId: 'r', content: text })).toBe(checkContent(text).ok);
      expect(accepts('join_room', { roomId: id })).toBe(parseRoomId(id) !== undefined);
      expect(accepts('message:read', { chatId: 'c', messageId: id })).toBe(parseMessageId(id) !== undefined);
      expect(accepts('notification.read', { id })).toBe(parseNotificationId(id) !== undefined);
    }),
    { numRuns: 500 },
  );
});

test('any JSON object of at most 8 KB is a context, kept as it is', () => {
  const context = fc
    .dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== 'roomId' && key !== '__proto__'),
      fc.jsonValue({ maxDepth: 8 }),
    )
    .filter((context) => checkJsonObject(context, CHAT.contextBytes).ok);
  fc.assert(
    fc.property(context, (context) => {
      const decoded = everything.decode('message', [{ message: 'x', context }]);
      const intent = decoded.ok ? decoded.value.intent : undefined;
      expect(JSON.stringify(intent)).toContain(JSON.stringify(context));
    }),
  );
});

test('valid payloads mean the same to a socket that has chosen as to one that has not', () => {
  const words: fc.Arbitrary<readonly [string, unknown]> = fc.oneof(
    fc.tuple(fc.constant('message'), fc.record({ message: content })),
    fc.tuple(fc.constant('typing'), fc.boolean()),
    fc.tuple(fc.constantFrom('join_room', 'typing'), fc.record({ roomId })),
    fc.tuple(fc.constant('send_message'), fc.record({ roomId, content })),
    fc.tuple(
      fc.constantFrom('chat:join', 'chat:leave', 'typing:start', 'typing:stop'),
      fc.record({ chatId: roomId }),
    ),
    fc.tuple(fc.constant('message:send'), fc.record({ chatId: roomId, content })),
    fc.tuple(fc.constant('message:read'), fc.record({ chatId: roomId, messageId: sortedId })),
  );
  fc.assert(
    fc.property(words, ([event, payload]) => {
      const free = everything.decode(event, [payload]);
      if (!free.ok) throw new Error(`${event} was refused: ${free.error.message}`);
      const { pin, ...meant } = free.value;
      expect(pin).toBe(meant.dialect);
      expect(everything.decode(event, [payload], pin)).toEqual({ ok: true, value: meant });
    }),
  );
});

const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
const person = fc.record(
  { id: roomId, username: content, email: fc.emailAddress(), displayName: content },
  { requiredKeys: ['id', 'username'] },
);
const occurrence = fc.oneof(
  fc.record({
    kind: fc.constant('message.created'),
    message: fc.record(
      {
        id: sortedId,
        roomId,
        sender: person,
        content,
        messageType: fc.constantFrom('text', 'image', 'file'),
        context: fc.dictionary(fc.string(), fc.jsonValue()),
        createdAt: instant,
      },
      { requiredKeys: ['id', 'roomId', 'sender', 'content', 'messageType', 'createdAt'] },
    ),
  }),
  fc.record({
    kind: fc.constantFrom('typing.changed', 'presence.changed'),
    roomId,
    userId: roomId,
    username: content,
    isTyping: fc.boolean(),
    isOnline: fc.boolean(),
    at: instant,
  }),
  fc.record({
    kind: fc.constantFrom('message.read', 'room.joined', 'room.left'),
    roomId,
    userId: roomId,
    messageId: sortedId,
    readAt: instant,
  }),
) as fc.Arbitrary<unknown> as fc.Arbitrary<Occurrence>;

test('an unpinned socket is told what each dialect says, each name once, every field with its own dialect’s value', () => {
  fc.assert(
    fc.property(occurrence, (occurrence) => {
      const told = everything.say(occurrence);
      const said = DIALECTS.map((id) => wordOf(dialects[id], occurrence)).filter(
        (word) => word !== undefined,
      );
      const names = told.map(([event]) => event);
      expect(new Set(names).size).toBe(names.length);
      expect(new Set(names)).toEqual(new Set(said.map(([event]) => event)));
      for (const [event, payload] of said) {
        const frame: Saying | undefined = told.find(([name]) => name === event);
        expect(frame?.[1]).toMatchObject(payload);
      }
    }),
  );
});

test('what all pins are told together is what an unpinned socket is told', () => {
  fc.assert(
    fc.property(occurrence, (occurrence) => {
      const pinned = CHAT_DIALECTS.flatMap((pin) => everything.say(occurrence, pin).map(([event]) => event));
      expect(new Set(pinned)).toEqual(new Set(everything.say(occurrence).map(([event]) => event)));
    }),
  );
});
