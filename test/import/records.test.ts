import { describe, expect, test } from 'vitest';

import { createRoomLookup, createUserLookup } from '../../bin/import/known.ts';
import type { Line } from '../../bin/import/lines.ts';
import { createMessageImporter } from '../../bin/import/messages.ts';
import { readRecord } from '../../bin/import/read-record.ts';
import { createRoomImporter } from '../../bin/import/rooms.ts';
import { userImporter } from '../../bin/import/users.ts';

const users = createUserLookup();
const SCHEMAS = {
  user: userImporter.schema,
  room: createRoomImporter(users).schema,
  message: createMessageImporter({ users, rooms: createRoomLookup() }).schema,
} as const;

const AT = '2024-05-06T07:08:09.123Z';
const MS = Date.parse(AT);
const user = { id: '66387c8f9b1e8a001f3c4d5e', username: 'ann', createdAt: AT };
const room = { id: '0f8fad5b-d9cb-469f-a165-70867728950e', createdAt: AT };
const message = { id: 1, roomId: room.id, senderId: user.id, content: 'hello', createdAt: AT };
const HASH = `$scrypt$ln=15,r=8,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`;

describe('a line is read', () => {
  test.each([
    ['ISO with milliseconds', AT, { ms: MS, micros: 0 }],
    ['PostgreSQL with microseconds', '2024-05-06 07:08:09.123456+00', { ms: MS, micros: 456 }],
    ['ISO with an offset', '2024-05-06T09:08:09.123+02:00', { ms: MS, micros: 0 }],
    ['MySQL without a fraction', '2024-05-06 07:08:09Z', { ms: MS - 123, micros: 0 }],
    ['epoch milliseconds', MS, { ms: MS, micros: 0 }],
  ])('with its instant: %s', (_, createdAt, instant) => {
    expect(valueOf('message', { ...message, createdAt })).toMatchObject({ createdAt: instant });
  });

  test('with ids that are numbers as text', () => {
    expect(valueOf('message', { ...message, senderId: 7 })).toMatchObject({ id: '1', senderId: '7' });
  });

  test('without its nulls, but for those of the context', () => {
    const line = { ...message, username: null, replyTo: null, context: { a: null } };
    expect(valueOf('message', line)).toEqual(expect.objectContaining({ context: { a: null } }));
    expect(valueOf('message', line)).not.toHaveProperty('username');
    expect(valueOf('room', { ...room, participants: [{ id: 'u', lastRead: null }] })).toBeDefined();
  });

  test('with a byte order mark, a carriage return, a password hash', () => {
    const line = { ...user, email: ' Ann@Example.com', passwordHash: HASH };
    expect(outcome('user', `\uFEFF${JSON.stringify(line)}\r`)).toMatchObject({
      ok: true,
      value: { email: 'ann@example.com', passwordHash: HASH },
    });
  });
});

describe('a line is rejected', () => {
  const nobody = { createdAt: AT, username: 'x' };
  test.each([
    ['user', '{"id":', 'Not valid JSON.'],
    ['user', '[]', 'A JSON object is expected.'],
    ['user', nobody, 'id is required.'],
    ['user', { ...nobody, id: 'a#b' }, /^id must be 1 to 128 characters of/],
    ['user', { ...nobody, id: 1.5 }, /^id must be 1 to 128 characters of/],
    ['user', { ...user, nick: 'x' }, 'nick is not a known field.'],
    ['user', { ...user, username: ' ' }, /^username must be 1 to/],
    ['user', { ...user, email: 'ann' }, 'email must be an e-mail address.'],
    ['user', { ...user, email: 'a@b.co', passwordHash: '$2b$10$abc' }, /^passwordHash must be a hash as/],
    ['user', { ...user, passwordHash: HASH }, 'passwordHash needs an email: accounts sign in with it.'],
    ['user', '{"id":"u","username":"\\ud800","createdAt":0}', /^username .*Unicode/],
    ['user', '{"id":"u","__proto__":{}}', /^__proto__ is not an allowed key/],
    ['room', { ...room, id: 'a b' }, /^id must be 1 to 128 characters of/],
    ['room', { ...room, id: 'a.b' }, /^id must be 1 to 128 characters of/],
    ['room', { ...room, name: '\n\u0007' }, /^name must/],
    ['room', { ...room, participants: 'ann' }, 'participants must be an array.'],
    ['room', { ...room, participants: ['u', 5.5] }, /^participants\.1/],
    ['room', { ...room, participants: [{ id: 'u', lastRead: 5 }] }, /^participants\.0/],
    ['message', { ...message, content: '' }, /^content must be 1 to/],
    ['message', { ...message, content: 'x'.repeat(10_001) }, /^content must be 1 to/],
    ['message', { ...message, createdAt: '2024-05-06T07:08:09' }, /^createdAt must be an ISO 8601 instant/],
    ['message', { ...message, createdAt: '2024-02-30T07:08:09Z' }, /^createdAt must be an ISO 8601 instant/],
    ['message', { ...message, createdAt: -1 }, /^createdAt must be an ISO 8601 instant/],
    ['message', { ...message, createdAt: Date.now() + 3_600_000 }, 'createdAt must not be in the future.'],
    ['message', { ...message, messageType: 'video' }, /^messageType must be one of/],
    ['message', { ...message, replyTo: '7' }, 'replyTo must be an object.'],
    ['message', { ...message, replyTo: { id: '7' } }, 'replyTo.createdAt is required.'],
    ['message', { ...message, context: [] }, 'context must be an object.'],
  ] as const)('%s %j', (kind, line, reason) => {
    const result = outcome(kind, typeof line === 'string' ? line : JSON.stringify(line));
    expect(result).toEqual({
      ok: false,
      error: reason instanceof RegExp ? expect.stringMatching(reason) : reason,
    });
  });

  test('that is not UTF-8, or too long', () => {
    expect(readRecord(SCHEMAS.user, lineOf(Buffer.from([0x22, 0xff])))).toMatchObject({
      error: 'Not valid UTF-8.',
    });
    expect(readRecord(SCHEMAS.user, lineOf(undefined))).toMatchObject({
      error: 'A line is at most 1048576 bytes.',
    });
  });
});

function valueOf(kind: keyof typeof SCHEMAS, line: object): unknown {
  const result = outcome(kind, JSON.stringify(line));
  return result.ok ? result.value : result.error;
}

function outcome(kind: keyof typeof SCHEMAS, text: string) {
  return readRecord<unknown>(SCHEMAS[kind], lineOf(Buffer.from(text)));
}

function lineOf(bytes: Buffer | undefined): Line {
  return { number: 1, bytes, end: 0 };
}
