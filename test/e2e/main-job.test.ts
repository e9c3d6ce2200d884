import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { rest, type Person } from '../support/rest-client.ts';

let causeway: Causeway;
let alice: Person;
let bob: Person;
let roomId: string;

beforeAll(async () => {
  causeway = await startCauseway();
  [alice, bob] = await Promise.all([causeway.register('alice'), causeway.register('bob')]);
  roomId = await causeway.createRoom(alice, [bob]);
});
afterAll(() => causeway.close());

describe('two people chat through the bundles of the synthesised template', () => {
  test('a message reaches the other at once and the sender as the reply', async () => {
    const [a, b] = await Promise.all([causeway.connect(alice), causeway.connect(bob)]);
    await Promise.all([a.request({ action: 'join', roomId }), b.request({ action: 'join', roomId })]);

    const reply = await a.request({ action: 'send', roomId, content: 'hello bob' });
    const pushed = await b.next('message.created');

    expect(reply).toMatchObject({
      event: 'message.created',
      message: {
        roomId,
        content: 'hello bob',
        messageType: 'text',
        sender: { id: alice.id, username: 'alice' },
      },
    });
    expect(pushed['message']).toEqual(reply['message']);
    expect(pushed.id).toBeUndefined();
    expect(a.frames.filter((frame) => frame.event === 'message.created')).toHaveLength(1);
    await Promise.all([a.close(), b.close()]);
  });

  test('history pages backwards, newest first, over the socket and over REST', async () => {
    const room = await causeway.createRoom(alice, [bob]);
    const a = await causeway.connect(alice);
    await a.request({ action: 'join', roomId: room });
    for (const content of ['one', 'two', 'three']) await a.request({ action: 'send', roomId: room, content });

    const first = await a.request({ action: 'history', roomId: room, limit: 2 });
    const second = await a.request({
      action: 'history',
      roomId: room,
      limit: 2,
      before: first['nextCursor'],
    });
    const overRest = await rest(causeway.urls.origin, {
      path: `/chat/rooms/${room}/messages?limit=2`,
      token: bob.token,
    });

    const contents = (frame: { [key: string]: unknown }) =>
      (frame['messages'] as { content: string }[]).map((message) => message.content);
    expect(contents(first)).toEqual(['three', 'two']);
    expect(contents(second)).toEqual(['one']);
    expect(second['nextCursor']).toBeUndefined();
    expect(overRest.body.messages).toEqual(first['messages']);
    expect(overRest.body.nextCursor).toEqual(first['nextCursor']);
    await a.close();
  });

  test('typing and read receipts reach the others and not the one who caused them', async () => {
    const [a, b] = await Promise.all([causeway.connect(alice), causeway.connect(bob)]);
    await Promise.all([a.request({ action: 'join', roomId }), b.request({ action: 'join', roomId })]);
    const sent = await a.request({ action: 'send', roomId, content: 'read me' });
    const messageId = (sent['message'] as { id: string }).id;

    a.send({ action: 'typing', roomId, isTyping: true });
    expect(await b.next('typing.changed')).toMatchObject({
      roomId,
      userId: alice.id,
      username: 'alice',
      isTyping: true,
    });
    const receipt = await b.request({ action: 'read', roomId, messageId });
    expect(receipt).toMatchObject({ event: 'message.read', roomId, userId: bob.id, messageId });
    expect(await a.next('message.read')).toMatchObject({ roomId, userId: bob.id, messageId });
    expect(a.frames.filter((frame) => frame.event === 'typing.changed')).toEqual([]);
    await Promise.all([a.close(), b.close()]);
  });

  test('a message posted by REST is stored and pushed to every live member', async () => {
    const a = await causeway.connect(alice);
    await a.request({ action: 'join', roomId });
    const posted = await rest(causeway.urls.origin, {
      path: `/chat/rooms/${roomId}/messages`,
      token: bob.token,
      body: { content: 'by REST' },
    });
    expect(posted.status).toBe(201);
    const pushed = await a.next(
      (frame) => (frame['message'] as { content?: string } | undefined)?.content === 'by REST',
    );
    expect(pushed['message']).toEqual(posted.body);
    await a.close();
  });

  test('somebody removed from the room is told, and can neither send nor read any more', async () => {
    const carol = await causeway.register('carol');
    const room = await causeway.createRoom(alice, [bob, carol]);
    const [a, c] = await Promise.all([causeway.connect(alice), causeway.connect(carol)]);
    await Promise.all([
      a.request({ action: 'join', roomId: room }),
      c.request({ action: 'join', roomId: room }),
    ]);
    await c.request({ action: 'send', roomId: room, content: 'still in' });

    const removed = await rest(causeway.urls.origin, {
      method: 'DELETE',
      path: `/chat/rooms/${room}/participants/${carol.id}`,
      token: alice.token,
    });
    expect(removed.status).toBeLessThan(300);
    expect(await c.next('room.left')).toMatchObject({ roomId: room, userId: carol.id });

    expect(await c.request({ action: 'send', roomId: room, content: 'out' })).toMatchObject({
      event: 'error',
      code: 'not_participant',
    });
    expect(await c.request({ action: 'history', roomId: room })).toMatchObject({
      event: 'error',
      code: 'not_participant',
    });
    const history = await a.request({ action: 'history', roomId: room });
    expect((history['messages'] as { content: string }[]).map((message) => message.content)).toEqual([
      'still in',
    ]);
    await Promise.all([a.close(), c.close()]);
  });

  test('a retry with the same clientMessageId answers with the first message and reaches nobody twice', async () => {
    const [a, b] = await Promise.all([causeway.connect(alice), causeway.connect(bob)]);
    await Promise.all([a.request({ action: 'join', roomId }), b.request({ action: 'join', roomId })]);
    const frame = { action: 'send', roomId, content: 'once', clientMessageId: 'c-1' };
    const [first, second] = await Promise.all([a.request(frame), a.request(frame)]);
    const third = await a.request(frame);
    await causeway.quiet();

    expect((second['message'] as { id: string }).id).toBe((first['message'] as { id: string }).id);
    expect((third['message'] as { id: string }).id).toBe((first['message'] as { id: string }).id);
    await a.request({ action: 'send', roomId, content: 'end' });
    await b.next(
      (candidate) => (candidate['message'] as { content?: string } | undefined)?.content === 'end',
    );
    const seen = b.frames.filter(
      (candidate) => (candidate['message'] as { content?: string } | undefined)?.content === 'once',
    );
    expect(seen).toHaveLength(1);
    await Promise.all([a.close(), b.close()]);
  });

  test('a closed connection leaves no live member and no session behind', async () => {
    const room = await causeway.createRoom(alice, [bob]);
    const b = await causeway.connect(bob);
    await b.request({ action: 'join', roomId: room });
    await b.close();
    await causeway.quiet();
    causeway.resetMeter();

    const a = await causeway.connect(alice);
    await a.request({ action: 'join', roomId: room });
    await a.request({ action: 'send', roomId: room, content: 'anybody?' });
    await causeway.quiet();
    expect(causeway.meter().total.managementPosts).toBe(0);
    await a.close();
  });
});
