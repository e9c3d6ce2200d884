/** For every event of every vocabulary: payloads that are wrong, and the refusal that each is to get. */
import fc from 'fast-check';

import { dialects } from '../../compat/dialects/dialects.ts';
import type { DialectId } from '../../lambdas/manifest/dialects.ts';

/** What a hostile client knows: ids that exist, and whose they are. */
export interface Facts {
  /** A room the client takes part in, with a message in it. */
  readonly room: string;
  readonly message: string;
  /** A room it does not take part in, with a message in it. */
  readonly foreignRoom: string;
  readonly foreignMessage: string;
  readonly notification: string;
  /** Another user's. */
  readonly foreignNotification: string;
}

export interface Wrong {
  /** As JSON, because that is what travels: objects of JavaScript have no key `__proto__` of their own. */
  readonly args: readonly string[];
  readonly why: string;
  readonly code: 'invalid_field' | 'not_participant' | 'not_found';
}

type Payload = Readonly<Record<string, unknown>>;

interface Valid {
  readonly dialect: DialectId;
  readonly event: string;
  readonly payload: (facts: Facts) => Payload | boolean;
  readonly optional?: readonly string[];
}

const chat = ({ room: chatId }: Facts) => ({ chatId });
const room = ({ room: roomId }: Facts) => ({ roomId });

/** Every event, with a payload that is right. */
export const VALID: readonly Valid[] = [
  {
    dialect: 'messenger',
    event: 'message',
    payload: ({ room: roomId, message: replyTo }) => ({ message: 'x', context: { roomId, replyTo } }),
    optional: ['context'],
  },
  { dialect: 'messenger', event: 'typing', payload: () => true },
  { dialect: 'rooms', event: 'join_room', payload: room },
  { dialect: 'rooms', event: 'send_message', payload: (facts) => ({ ...room(facts), content: 'x' }) },
  { dialect: 'rooms', event: 'typing', payload: room },
  { dialect: 'chats', event: 'chat:join', payload: chat },
  { dialect: 'chats', event: 'chat:leave', payload: chat },
  {
    dialect: 'chats',
    event: 'message:send',
    payload: (facts) => ({ ...chat(facts), content: 'x', messageType: 'image' }),
    optional: ['messageType'],
  },
  {
    dialect: 'chats',
    event: 'message:read',
    payload: (facts) => ({ ...chat(facts), messageId: facts.message }),
  },
  { dialect: 'chats', event: 'typing:start', payload: chat },
  { dialect: 'chats', event: 'typing:stop', payload: chat },
  {
    dialect: 'notifications',
    event: 'notification.read',
    payload: ({ notification: id }) => ({ id }),
  },
];

/** Events that the tables have and this list has not. */
export function forgotten(): readonly string[] {
  return Object.values(dialects).flatMap(({ id, receives }) =>
    Object.keys(receives).filter(
      (event) => !VALID.some((valid) => valid.dialect === id && valid.event === event),
    ),
  );
}

const LONG = fc.integer({ min: 10_001, max: 12_000 }).map((length) => 'x'.repeat(length));
const noText = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 }),
  fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
);
const noRoomId = fc.oneof(
  noText,
  fc.constantFrom('', ' ', '../x', 'a b', '#room', 'ROOM#x', 'é', 'a\u0000'),
  fc.integer({ min: 129, max: 300 }).map((length) => 'r'.repeat(length)),
);
const noSortedId = fc.oneof(
  noText,
  fc.constantFrom('', 'uuid', '0'.repeat(25), 'o'.repeat(26), '0'.repeat(27)),
);
const noContext = fc.oneof(
  noText.filter((value) => typeof value !== 'object' || value === null || Array.isArray(value)),
  fc.string(),
  noRoomId.map((roomId) => ({ roomId })),
  fc.integer({ min: 8193, max: 9000 }).map((length) => ({ long: 'x'.repeat(length) })),
);
const noType = fc.oneof(noText, fc.constantFrom('', 'Text', 'video', 'constructor', 'toString'));

/** Values that a field may not have. */
const WRONG_VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  message: fc.oneof(noText, LONG, fc.constant(''), fc.constant('\ud800')),
  content: fc.oneof(noText, LONG, fc.constant(''), fc.constant('a\udfffb')),
  context: noContext,
  roomId: noRoomId,
  chatId: noRoomId,
  messageType: noType,
  messageId: noSortedId,
  id: noSortedId,
};

const POISON = ['__proto__', 'constructor', 'prototype'] as const;

/** Wrong payloads of an event. */
export function wrongOf(valid: Valid, facts: Facts): fc.Arbitrary<Wrong> {
  const payload = valid.payload(facts);
  const whole = wholes(payload);
  if (typeof payload === 'boolean') return whole;
  return fc.oneof(
    whole,
    missing(payload, valid.optional),
    wrongValue(payload),
    poisoned(payload),
    strange(valid, facts),
  );
}

/** None, two, or one of another kind. */
function wholes(payload: Payload | boolean): fc.Arbitrary<Wrong> {
  const isFlag = typeof payload === 'boolean';
  const kinds = [
    fc.integer(),
    fc.string(),
    fc.constant(null),
    fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 }),
    isFlag ? fc.constant('true') : fc.boolean(),
  ];
  const given = JSON.stringify(payload);
  return fc.oneof(
    fc.constant({ args: [], why: 'no argument', code: 'invalid_field' } as const),
    fc.jsonValue({ maxDepth: 1 }).map((extra): Wrong => {
      return { args: [given, JSON.stringify(extra)], why: 'a second argument', code: 'invalid_field' };
    }),
    fc.oneof(...kinds).map((value): Wrong => {
      return { args: [JSON.stringify(value)], why: 'a payload of another kind', code: 'invalid_field' };
    }),
  );
}

function missing(payload: Payload, optional: readonly string[] = []): fc.Arbitrary<Wrong> {
  const required = Object.keys(payload).filter((field) => !optional.includes(field));
  return fc.constantFrom(...required).map((field): Wrong => {
    const { [field]: _, ...rest } = payload;
    return { args: [JSON.stringify(rest)], why: `${field} is missing`, code: 'invalid_field' };
  });
}

function wrongValue(payload: Payload): fc.Arbitrary<Wrong> {
  return fc.constantFrom(...Object.keys(payload)).chain((field) =>
    (WRONG_VALUES[field] ?? noText).map((value): Wrong => {
      return {
        args: [JSON.stringify({ ...payload, [field]: value })],
        why: `${field} is wrong`,
        code: 'invalid_field',
      };
    }),
  );
}

/** Keys that would reach a prototype, at the top or inside; and more levels than anybody needs. */
function poisoned(payload: Payload): fc.Arbitrary<Wrong> {
  const text = JSON.stringify(payload).slice(0, -1);
  const deep = `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`;
  return fc.oneof(
    fc.tuple(fc.constantFrom(...POISON), fc.boolean()).map(([key, inside]): Wrong => {
      const poison = `"${key}":{"isAdmin":true}`;
      return {
        args: [`${text},${inside ? `"extra":{"a":[{${poison}}]}` : poison}}`],
        why: `a key ${key}`,
        code: 'invalid_field',
      };
    }),
    fc.constant({
      args: [`${text},"extra":${deep}}`],
      why: 'too many levels',
      code: 'invalid_field',
    } as const),
  );
}

/** Ids that are well formed and not the client's to use. */
function strange({ event, payload }: Valid, facts: Facts): fc.Arbitrary<Wrong> {
  const right = payload(facts) as Payload;
  const cases: Wrong[] = [];
  const add = (fields: Payload, why: string, code: Wrong['code']) =>
    void cases.push({ args: [JSON.stringify({ ...right, ...fields })], why, code });
  // Leaving needs no right: it is answered alike for any room.
  for (const field of ['roomId', 'chatId'].filter((name) => name in right && event !== 'chat:leave')) {
    // A message belongs to its room: a receipt is refused for that, before anybody's right is looked at.
    const code = event === 'message:read' ? 'invalid_field' : 'not_participant';
    add({ [field]: facts.foreignRoom }, "another's room", code);
    add({ [field]: 'nowhere' }, 'no such room', code);
  }
  if ('context' in right)
    add({ context: { roomId: facts.foreignRoom } }, "another's room", 'not_participant');
  if ('messageId' in right) {
    add({ messageId: facts.foreignMessage }, 'a message of another room', 'invalid_field');
    add(
      { messageId: facts.foreignMessage, chatId: facts.foreignRoom },
      "another's message",
      'not_participant',
    );
  }
  if ('id' in right) {
    add({ id: facts.foreignNotification }, "another's notification", 'not_found');
    add({ id: '0'.repeat(26) }, 'no such notification', 'not_found');
  }
  return cases.length === 0 ? missing(right) : fc.constantFrom(...cases);
}

/** Fields that no document has, and nothing that is refused wherever it stands; they change nothing. */
export const EXTRAS = fc
  .dictionary(
    fc.stringMatching(/^(is[A-Z]|sender|createdAt|userId|x)[a-z]{0,5}$/),
    fc.jsonValue({ maxDepth: 2 }),
    { minKeys: 1, maxKeys: 3 },
  )
  .filter((extras) => !/"(__proto__|constructor|prototype)"|\\ud/.test(JSON.stringify(extras)));
