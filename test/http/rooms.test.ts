import { beforeEach, describe, expect, test } from 'vitest';

import type { UserId } from '../../lambdas/domain/ids.ts';
import type { PresenceStore, Turn } from '../../lambdas/ports/presence.ts';
import type { InMemory } from '../support/in-memory.ts';
import { createInMemory } from '../support/in-memory.ts';
import type { Person } from './rest.ts';
import { call, createRoom, register } from './rest.ts';

const MISSING_ROOM = '000000000000000000000000';
const MESSAGE_OF_NO_ROOM = '01HZY000000000000000000000';
const AT = '2026-01-02T03:04:05.006Z';

let world: InMemory;
let alice: Person;
let bob: Person;
let mallory: Person;
let roomId: string;

beforeEach(async () => {
  world = createInMemory();
  alice = await register(world, 'alice');
  bob = await register(world, 'bob');
  mallory = await register(world, 'mallory');
  roomId = await createRoom(world, alice, [bob]);
});

const participant = (person: Person, username: string) => ({
  id: person.id,
  username,
  displayName: username.toUpperCase(),
  isOnline: false,
  joinedAt: AT,
});

describe('rooms', () => {
  test('a new room has its creator and those named, without their addresses', async () => {
    const body = { name: ' Lunch ', participantIds: [bob.id, bob.id, alice.id] };
    const answer = await call(world, '/chat/rooms', { token: alice.token, body });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      name: 'Lunch',
      createdBy: alice.id,
      createdAt: AT,
      participants: expect.arrayContaining([participant(alice, 'alice'), participant(bob, 'bob')]) as unknown,
      unreadCount: 0,
    });
    expect(answer.body.participants).toHaveLength(2);
  });

  test.each([
    ['name', { name: '' }],
    ['name', { name: 5 }],
    ['participantIds', { participantIds: 'bob' }],
    ['participantIds.1', { participantIds: ['bob', 'a/b'] }],
    ['participantIds.0', { participantIds: ['..'] }],
    ['participantIds', { participantIds: Array.from({ length: 101 }, (_, n) => `u${n}`) }],
    ['participantIds', { participantIds: ['nobody-of-this-id'] }],
  ])('a new room with a wrong %s is refused', async (field, body) => {
    const answer = await call(world, '/chat/rooms', { token: alice.token, body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_field', field } } });
  });

  test('the list has one’s own rooms with last message and unread count', async () => {
    const other = await createRoom(world, bob);
    world.clock.at += 1000;
    await call(world, `/chat/rooms/${roomId}/messages`, { token: alice.token, body: { content: 'hi' } });
    const list = async (person: Person) =>
      (await call(world, '/chat/rooms', { token: person.token })).body.rooms;
    expect(await list(bob)).toMatchObject([
      {
        id: roomId,
        createdBy: alice.id,
        lastMessage: { content: 'hi', sender: { id: alice.id } },
        unreadCount: 1,
      },
      { id: other, unreadCount: 0 },
    ]);
    expect(await list(alice)).toMatchObject([{ id: roomId, unreadCount: 0 }]);
    expect(await list(mallory)).toEqual([]);
  });

  test('a room shows who is online, and when the others were last', async () => {
    const { presence } = world.deps as typeof world.deps & { readonly presence: PresenceStore };
    const turn = async (person: Person, next: Turn) => {
      const was = await presence.get(person.id as UserId);
      if (was !== undefined) await presence.turn(was, next);
    };
    const seenAt = world.clock.at;
    for (const person of [alice, bob]) await turn(person, { stage: 'arriving', at: seenAt });
    await turn(bob, { stage: 'leaving', at: seenAt, lastSeenAt: seenAt });
    const { body } = await call(world, `/chat/rooms/${roomId}`, { token: alice.token });
    const seen = body.participants.map(({ id, isOnline, lastSeenAt }: Record<string, unknown>) => [
      id,
      isOnline,
      lastSeenAt,
    ]);
    expect(Object.fromEntries(seen.map(([id, ...rest]: unknown[]) => [id, rest]))).toEqual({
      [alice.id]: [true, undefined],
      [bob.id]: [false, AT],
    });
  });

  test('a room shows its participants and their receipts', async () => {
    const sent = await call(world, `/chat/rooms/${roomId}/messages`, {
      token: alice.token,
      body: { content: 'hi' },
    });
    const connection = await world.connect(bob.token);
    await connection.send(JSON.stringify({ action: 'read', roomId, messageId: sent.body.id }));
    const answer = await call(world, `/chat/rooms/${roomId}`, { token: bob.token });
    expect(answer).toMatchObject({
      status: 200,
      body: { id: roomId, unreadCount: 0, lastMessage: sent.body },
    });
    expect(answer.body.participants).toContainEqual({
      ...participant(bob, 'bob'),
      lastReadMessageId: sent.body.id,
      lastReadAt: AT,
    });
  });
});

describe('participants', () => {
  test('any participant may add others, who are then in', async () => {
    const path = `/chat/rooms/${roomId}/participants`;
    const answer = await call(world, path, { token: bob.token, body: { participantIds: [mallory.id] } });
    expect(answer.status).toBe(200);
    expect(answer.body.participants.map(({ id }: { id: string }) => id)).toContain(mallory.id);
    expect((await call(world, `/chat/rooms/${roomId}`, { token: mallory.token })).status).toBe(200);
    const empty = await call(world, path, { token: bob.token, body: { participantIds: [] } });
    expect(empty).toMatchObject({ status: 400, body: { error: { field: 'participantIds' } } });
  });

  test('the creator removes others, and their connections are told', async () => {
    const connection = await world.connect(bob.token);
    await connection.send(JSON.stringify({ action: 'join', roomId }));
    const path = `/chat/rooms/${roomId}/participants/${bob.id}`;
    const answer = await call(world, path, { method: 'DELETE', token: alice.token });
    expect([answer.status, answer.body]).toEqual([204, undefined]);
    expect(JSON.parse(connection.frames.at(-1) ?? '')).toEqual({
      event: 'room.left',
      roomId,
      userId: bob.id,
    });
    expect((await call(world, `/chat/rooms/${roomId}`, { token: bob.token })).status).toBe(404);
    const again = await call(world, path, { method: 'DELETE', token: alice.token });
    expect(again).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  });

  test('anybody may go, nobody else may send the creator away', async () => {
    const remove = (person: Person, caller: Person) =>
      call(world, `/chat/rooms/${roomId}/participants/${person.id}`, {
        method: 'DELETE',
        token: caller.token,
      });
    expect(await remove(alice, bob)).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    expect((await remove(bob, bob)).status).toBe(204);
  });
});

describe('messages', () => {
  const post = (person: Person, body: object) =>
    call(world, `/chat/rooms/${roomId}/messages`, { token: person.token, body });

  test('a posted message is answered, stored and pushed in one shape', async () => {
    const connection = await world.connect(bob.token);
    await connection.send(JSON.stringify({ action: 'join', roomId }));
    const context = { order: 7 };
    const answer = await post(alice, {
      content: 'hi',
      messageType: 'image',
      clientMessageId: 'c-1',
      context,
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[0-9A-Z]{26}$/) as string,
      roomId,
      sender: { id: alice.id, username: 'alice', displayName: 'ALICE' },
      content: 'hi',
      messageType: 'image',
      clientMessageId: 'c-1',
      context,
      createdAt: AT,
    });
    const history = await call(world, `/chat/rooms/${roomId}/messages`, { token: bob.token });
    expect(history.body).toEqual({ messages: [answer.body] });
    expect(JSON.parse(connection.frames.at(-1) ?? '')).toEqual({
      event: 'message.created',
      message: answer.body,
      offset: expect.stringMatching(/^[0-9a-z]{9}-/) as string,
    });
  });

  test('a repeated clientMessageId is answered with the original and stored once', async () => {
    const first = await post(alice, { content: 'once', clientMessageId: 'c-1' });
    const second = await post(alice, { content: 'twice', clientMessageId: 'c-1' });
    expect([second.status, second.body]).toEqual([201, first.body]);
    const history = await call(world, `/chat/rooms/${roomId}/messages`, { token: bob.token });
    expect(history.body.messages).toHaveLength(1);
  });

  test('ids take instant and request from the gateway, so REST and sockets sort together', async () => {
    const requestContext = { requestId: 'r1', timeEpoch: world.clock.at + 5000 };
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${alice.token}` },
      body: '{"content":"later"}',
    };
    const path = `/chat/rooms/${roomId}/messages`;
    const ids = [];
    for (let n = 0; n < 2; n++) {
      const response = await world.rest.request(path, init, { event: { requestContext } });
      ids.push(((await response.json()) as { id: string; createdAt: string }).id);
    }
    expect(ids[0]).toBe(ids[1]);
    expect((await post(alice, { content: 'now' })).body.id < (ids[0] ?? '')).toBe(true);
  });

  test('history pages backwards, newest first', async () => {
    for (const content of ['one', 'two', 'three']) {
      world.clock.at += 1;
      await post(alice, { content });
    }
    const page = (query: string) =>
      call(world, `/chat/rooms/${roomId}/messages?${query}`, { token: bob.token });
    const contents = ({ body }: { body: { messages: { content: string }[] } }) =>
      body.messages.map(({ content }) => content);
    const first = await page('limit=2');
    const second = await page(`limit=2&before=${first.body.nextCursor}`);
    expect([contents(first), contents(second)]).toEqual([['three', 'two'], ['one']]);
    expect(second.body.nextCursor).toBeUndefined();
  });

  test.each([
    ['limit', 'limit=0'],
    ['limit', 'limit=101'],
    ['limit', 'limit=1e1'],
    ['limit', 'limit='],
    ['before', 'before=nonsense'],
    ['before', `before=${MESSAGE_OF_NO_ROOM}`],
  ])('a wrong %s in the query is named (%s)', async (field, query) => {
    const answer = await call(world, `/chat/rooms/${roomId}/messages?${query}`, { token: bob.token });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_field', field } } });
  });

  test.each([
    ['content', {}],
    ['content', { content: '' }],
    ['content', { content: 'x'.repeat(10_001) }],
    ['messageType', { content: 'x', messageType: 'video' }],
    ['replyTo', { content: 'x', replyTo: MESSAGE_OF_NO_ROOM }],
    ['clientMessageId', { content: 'x', clientMessageId: '' }],
    ['context', { content: 'x', context: [] }],
  ])('a wrong %s in a message is named, and nothing is stored', async (field, body) => {
    expect(await post(alice, body)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_field', field } },
    });
    expect((await call(world, `/chat/rooms/${roomId}/messages`, { token: bob.token })).body.messages).toEqual(
      [],
    );
  });
});

test('a foreign room and a missing room are the same to an outsider, whatever is asked', async () => {
  const asks = (id: string) => [
    call(world, `/chat/rooms/${id}`, { token: mallory.token }),
    call(world, `/chat/rooms/${id}/messages`, { token: mallory.token }),
    call(world, `/chat/rooms/${id}/messages`, { token: mallory.token, body: { content: 'x' } }),
    call(world, `/chat/rooms/${id}/participants`, {
      token: mallory.token,
      body: { participantIds: [mallory.id] },
    }),
    call(world, `/chat/rooms/${id}/participants/${bob.id}`, { token: mallory.token, method: 'DELETE' }),
    call(world, `/chat/rooms/${id}/participants/${mallory.id}`, { token: mallory.token, method: 'DELETE' }),
  ];
  const foreign = await Promise.all(asks(roomId));
  const missing = await Promise.all(asks(MISSING_ROOM));
  const told = { status: 404, body: { error: { code: 'not_found', message: 'No such room.' } } };
  for (const [index, answer] of foreign.entries()) {
    expect(answer).toMatchObject(told);
    expect(missing[index]).toMatchObject(told);
    expect([...answer.headers]).toEqual([...(missing[index]?.headers ?? [])]);
  }
});

test.each(['a b', 'a%23b', '%2e%2e%2fx', 'x'.repeat(129), 'ä'])(
  'a path-like room id is refused: %s',
  async (id) => {
    const answer = await call(world, `/chat/rooms/${id}`, { token: alice.token });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_field', field: 'roomId' } },
    });
  },
);
