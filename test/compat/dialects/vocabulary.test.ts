import { describe, expect, test } from 'vitest';

import { createVocabulary, vocabulariesOf } from '../../../compat/dialects/index.ts';
import { dialects } from '../../../compat/dialects/dialects.ts';
import type { Occurrence, Saying } from '../../../compat/dialects/define-dialect.ts';
import type { ChatDialectId, DialectId } from '../../../lambdas/manifest/dialects.ts';
import { DEFAULT_NAMESPACES, DIALECTS } from '../../../lambdas/manifest/dialects.ts';
import { SAMPLES } from './occurrences.ts';

const vocabularyOf = (...ids: readonly DialectId[]) => createVocabulary(ids.map((id) => dialects[id]));
const everything = vocabularyOf(...DIALECTS);
const MESSAGE_ID = '01HZX5M7QK4T9V2B8C6D3F1G0H';

/** Every word that a client may say, once, and what it means. */
const WORDS: readonly (readonly [event: string, payload: unknown, dialect: DialectId, intent: object])[] = [
  ['message', { message: 'hi' }, 'messenger', { kind: 'message.send', content: 'hi', messageType: 'text' }],
  ['typing', true, 'messenger', { kind: 'typing.set', isTyping: true }],
  ['typing', false, 'messenger', { kind: 'typing.set', isTyping: false }],
  ['join_room', { roomId: 'r' }, 'rooms', { kind: 'room.join', roomId: 'r' }],
  [
    'send_message',
    { roomId: 'r', content: 'hi' },
    'rooms',
    { kind: 'message.send', roomId: 'r', content: 'hi', messageType: 'text' },
  ],
  ['typing', { roomId: 'r' }, 'rooms', { kind: 'typing.set', roomId: 'r', isTyping: true }],
  ['chat:join', { chatId: 'c' }, 'chats', { kind: 'room.join', roomId: 'c' }],
  ['chat:leave', { chatId: 'c' }, 'chats', { kind: 'room.leave', roomId: 'c' }],
  [
    'message:send',
    { chatId: 'c', content: 'hi', messageType: 'image' },
    'chats',
    { kind: 'message.send', roomId: 'c', content: 'hi', messageType: 'image' },
  ],
  [
    'message:read',
    { chatId: 'c', messageId: MESSAGE_ID },
    'chats',
    { kind: 'message.read', roomId: 'c', messageId: MESSAGE_ID },
  ],
  ['typing:start', { chatId: 'c' }, 'chats', { kind: 'typing.set', roomId: 'c', isTyping: true }],
  ['typing:stop', { chatId: 'c' }, 'chats', { kind: 'typing.set', roomId: 'c', isTyping: false }],
  ['notification.read', { id: MESSAGE_ID }, 'notifications', { kind: 'notification.read', id: MESSAGE_ID }],
];

test.each(WORDS)('%s %j is a word of %s', (event, payload, ...[dialect, intent]) => {
  const decoded = everything.decode(event, [payload]);
  expect(decoded).toMatchObject({ ok: true, value: { dialect, intent } });
});

test('there is a case for every word above', () => {
  const words = Object.values(dialects).flatMap(({ id, receives }) =>
    Object.keys(receives).map((event) => `${id} ${event}`),
  );
  expect(new Set(WORDS.map(([event, , id]) => `${id} ${event}`))).toEqual(new Set(words));
});

describe('messenger’s context', () => {
  const decode = (context: unknown) => everything.decode('message', [{ message: 'hi', context }]);
  const intent = { kind: 'message.send', content: 'hi', messageType: 'text' };

  test('names the room and the message replied to, and is kept as it is', () => {
    const context = { roomId: '123', replyTo: MESSAGE_ID, mood: { is: ['good', null, 1.5] } };
    expect(decode(context)).toMatchObject({
      value: { intent: { ...intent, roomId: '123', replyTo: MESSAGE_ID, context } },
    });
  });

  test('without a room the message has none: the lobby’s', () => {
    expect(decode({})).toEqual({
      ok: true,
      value: {
        intent: { ...intent, roomId: undefined, context: {} },
        dialect: 'messenger',
        pin: 'messenger',
      },
    });
  });

  test.each(['message-id', 7, null, { id: MESSAGE_ID }])(
    'a replyTo %j that is no message id is just context',
    (replyTo) => {
      const decoded = decode({ replyTo });
      expect(decoded).toMatchObject({ value: { intent: { context: { replyTo } } } });
      expect(decoded.ok && decoded.value.intent).not.toHaveProperty('replyTo');
    },
  );

  test.each([
    ['a list', [], 'context must be an object.', 'context'],
    ['null', null, 'context must be an object.', 'context'],
    ['text', 'x', 'context must be an object.', 'context'],
    ['a room that is a number', { roomId: 1 }, 'context.roomId must be a string.', 'context.roomId'],
    ['no room on purpose', { roomId: null }, 'context.roomId must be a string.', 'context.roomId'],
    [
      'a room of another alphabet',
      { roomId: 'a b' },
      'context.roomId must be 1 to 128 characters of A-Z a-z 0-9 _ -.',
      'context.roomId',
    ],
    ['more than 8 KB', { x: 'x'.repeat(8192) }, 'context must be at most 8192 bytes of JSON.', 'context'],
    [
      'a prototype',
      JSON.parse('{"a":{"__proto__":{}}}'),
      'context.a.__proto__ is not an allowed key.',
      'context.a.__proto__',
    ],
  ])('%s is refused', (_what, context, ...[message, field]) => {
    expect(decode(context)).toEqual({ ok: false, error: { code: 'invalid_field', message, field } });
  });
});

describe('a refusal names the field', () => {
  test.each<readonly [event: string, args: readonly unknown[], message: string, field: string]>([
    ['chat:join', [], 'payload is required.', 'payload'],
    ['chat:join', [{ chatId: 'c' }, 'more'], 'payload must be the only argument.', 'payload'],
    ['chat:join', ['c'], 'payload must be an object.', 'payload'],
    ['chat:join', [[{ chatId: 'c' }]], 'payload must be an object.', 'payload'],
    ['chat:join', [null], 'payload must be an object.', 'payload'],
    ['chat:join', [Buffer.from('c')], 'payload must be an object.', 'payload'],
    ['chat:join', [{}], 'chatId is required.', 'chatId'],
    ['chat:join', [{ chatId: 5 }], 'chatId must be a string.', 'chatId'],
    ['chat:join', [{ chatId: '' }], 'chatId must be 1 to 128 characters of A-Z a-z 0-9 _ -.', 'chatId'],
    [
      'message:send',
      [{ chatId: 'c', content: '' }],
      'content must be 1 to 10000 characters long.',
      'content',
    ],
    ['message:send', [{ chatId: 'c', content: ['x'] }], 'content must be a string.', 'content'],
    [
      'message:send',
      [{ chatId: 'c', content: 'x', messageType: 'video' }],
      'messageType must be one of text, image, file.',
      'messageType',
    ],
    ['message:read', [{ chatId: 'c', messageId: 'uuid' }], 'messageId must be a message id.', 'messageId'],
    ['notification.read', [{ id: 7 }], 'id must be a string.', 'id'],
    ['notification.read', [{ id: 'seven' }], 'id must be a notification id.', 'id'],
    ['message', [{ message: 'x'.repeat(10_001) }], 'message must be 1 to 10000 characters long.', 'message'],
    ['message', [{ message: '\uD800' }], 'message holds text that is not valid Unicode.', 'message'],
    ['typing', ['yes'], 'payload must be true or false or must be an object.', 'payload'],
    ['typing', [{}], 'roomId is required.', 'roomId'],
    [
      'join_room',
      [{ roomId: 'r', file: Buffer.from('x') }],
      'file must hold nothing but JSON values.',
      'file',
    ],
    ['join_room', [{ roomId: 'r', at: [new Date(0)] }], 'at.0 must hold nothing but JSON values.', 'at.0'],
    [
      'join_room',
      [JSON.parse('{"roomId":"r","x":{"constructor":1}}')],
      'x.constructor is not an allowed key.',
      'x.constructor',
    ],
  ])('%s %j: %s', (event, args, ...[message, field]) => {
    expect(everything.decode(event, args)).toEqual({
      ok: false,
      error: { code: 'invalid_field', message, field },
    });
  });

  test('fields that a document does not have are ignored', () => {
    expect(everything.decode('chat:join', [{ chatId: 'c', since: 5 }])).toMatchObject({
      ok: true,
      value: { intent: { kind: 'room.join', roomId: 'c' } },
    });
  });

  test.each([
    'nonsense',
    '',
    'constructor',
    '__proto__',
    'toString',
    'message:new',
    'file_uploaded',
    'disconnect',
  ])('the event “%s” is unknown', (event) => {
    expect(everything.decode(event, [{}])).toEqual({
      ok: false,
      error: { code: 'unknown_action', message: `Unknown event: ${event}` },
    });
  });

  test('an unknown event’s name is echoed no further than 120 characters', () => {
    const decoded = everything.decode('x'.repeat(100_000), []);
    expect(decoded).toMatchObject({ error: { message: `Unknown event: ${'x'.repeat(120)}` } });
  });
});

describe('pinning', () => {
  const unpinned = (event: string, payload: unknown) => everything.decode(event, [payload]);

  test.each(WORDS)('%s %j pins to the chat dialect it is of', (event, payload, dialect) => {
    const decoded = unpinned(event, payload);
    expect(decoded.ok && decoded.value.pin).toBe(dialect === 'notifications' ? undefined : dialect);
  });

  test.each(WORDS)(
    '%s %j is unknown, or wrong, to a socket of another chat dialect',
    (event, payload, dialect) => {
      for (const pin of ['messenger', 'rooms', 'chats'] as const) {
        const decoded = everything.decode(event, [payload], pin);
        expect(decoded.ok, pin).toBe(dialect === pin || dialect === 'notifications');
        if (decoded.ok) expect(decoded.value).not.toHaveProperty('pin');
      }
    },
  );

  test('a refused word chooses nothing', () => {
    expect(unpinned('chat:join', {})).not.toHaveProperty('value');
  });

  test('where there is one chat dialect there is nothing to choose', () => {
    const decoded = vocabularyOf('fama', 'rooms').decode('typing', [{ roomId: 'r' }]);
    expect(decoded).toEqual({
      ok: true,
      value: { intent: { kind: 'typing.set', roomId: 'r', isTyping: true }, dialect: 'rooms' },
    });
  });

  test('a word that two chat dialects have in the same shape chooses neither, and means what the first says', () => {
    const twin = { ...dialects.chats, receives: { join_room: dialects.rooms.receives.join_room } };
    const decoded = createVocabulary([twin, dialects.rooms]).decode('join_room', [{ roomId: 'r' }]);
    expect(decoded).toEqual({
      ok: true,
      value: { intent: { kind: 'room.join', roomId: 'r' }, dialect: 'chats' },
    });
  });
});

describe('what a socket is told', () => {
  const events = (occurrence: Occurrence, pin?: ChatDialectId) =>
    everything.say(occurrence, pin).map(([event]) => event);
  const payloadOf = (sayings: readonly Saying[], event: string) =>
    sayings.find(([name]) => name === event)?.[1];

  test('unpinned: every vocabulary’s words, and what shares a name in one frame', () => {
    const created = SAMPLES['message.created'][0] as Occurrence;
    expect(events(created)).toEqual(['message', 'message:new']);
    expect(payloadOf(everything.say(created), 'message')).toEqual({
      id: MESSAGE_ID,
      message: 'Bonjour !',
      timestamp: '2024-06-01T12:30:00.000Z',
      context: { roomId: '65f1c0de65f1c0de65f1c0de', replyTo: 'message-id' },
      roomId: '65f1c0de65f1c0de65f1c0de',
      sender: { _id: 'anna', email: 'anna@example.com', displayName: 'Anna K.' },
      content: 'Bonjour !',
      createdAt: '2024-06-01T12:30:00.000Z',
    });
  });

  test.each<readonly [ChatDialectId, readonly string[]]>([
    ['messenger', ['message', 'userTyping', 'userTyping', 'userStatus', 'userStatus']],
    ['rooms', ['message', 'user_typing']],
    [
      'chats',
      [
        'message:new',
        'message:read',
        'typing:start',
        'typing:stop',
        'user:status',
        'user:status',
        'chat:joined',
        'chat:left',
      ],
    ],
  ])('pinned to %s: its own words', (pin, words) => {
    const {
      'message.created': [created],
      ...rest
    } = SAMPLES;
    const chat = [created as Occurrence, ...Object.values(rest).flat()].filter(
      ({ kind }) => !/^(session|error|notification)\./.test(kind),
    );
    expect(chat.flatMap((occurrence) => events(occurrence, pin))).toEqual(words);
  });

  test.each([undefined, 'messenger', 'rooms', 'chats'] as const)(
    'pinned to %s: lifecycle and notifications stay',
    (pin) => {
      expect(SAMPLES['session.connected'].flatMap((one) => events(one, pin))).toEqual(['connected']);
      expect(SAMPLES['error.raised'].flatMap((one) => events(one, pin))).toEqual(['error']);
      expect(SAMPLES['notification.created'].flatMap((one) => events(one, pin))).toEqual([
        'notification.new',
      ]);
      expect(SAMPLES['notification.read'].flatMap((one) => events(one, pin))).toEqual(['notification.read']);
    },
  );

  test('a namespace without the dialect that a socket once chose says the rest', () => {
    const [connected] = SAMPLES['session.connected'];
    expect(vocabularyOf('fama', 'rooms').say(connected as Occurrence, 'chats')).toHaveLength(1);
    expect(vocabularyOf('fama', 'rooms').say(SAMPLES['message.created'][0] as Occurrence, 'chats')).toEqual(
      [],
    );
  });

  test('an error says nothing of our insides', () => {
    const error = { code: 'internal', message: 'table causeway-1 is missing' } as const;
    expect(everything.say({ kind: 'error.raised', error })).toEqual([
      ['error', { message: 'Something went wrong on our side.' }],
    ]);
  });
});

describe('what a socket is put into', () => {
  test.each<readonly [readonly DialectId[], { rooms: boolean; lobby: boolean }]>([
    [['fama', 'notifications'], { rooms: false, lobby: false }],
    [['rooms'], { rooms: false, lobby: false }],
    [['chats'], { rooms: true, lobby: false }],
    [['messenger'], { rooms: true, lobby: true }],
    [DIALECTS, { rooms: true, lobby: true }],
  ])('%j: %j', (ids, autoJoins) => {
    expect(vocabularyOf(...ids).autoJoins).toEqual(autoJoins);
  });
});

test('each namespace has the vocabulary it was given', () => {
  const vocabularies = vocabulariesOf({ namespaces: DEFAULT_NAMESPACES });
  expect([...vocabularies.keys()]).toEqual(['/', '/chat']);
  expect(vocabularies.get('/chat')?.decode('join_room', [{ roomId: 'r' }]).ok).toBe(true);
  expect(vocabularies.get('/chat')?.decode('chat:join', [{ chatId: 'r' }]).ok).toBe(false);
  expect(vocabularies.get('/team')).toBeUndefined();
});
