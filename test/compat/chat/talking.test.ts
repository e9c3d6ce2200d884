import { describe, expect, it } from 'vitest';

import type { RoomId } from '../../../lambdas/domain/ids.ts';
import {
  ackOf,
  createChatWorld,
  eventsOf,
  only,
  TOKEN_MS,
  type ChatWorld,
} from '../../support/chat-world.ts';

const ROOM = 'r1' as RoomId;

async function roomOf(world: ChatWorld, ...names: readonly string[]): Promise<void> {
  await world.people(...names);
  await world.room(ROOM, ...names);
}

/** The first call ends after the others would have. */
function slowAtFirst<Args extends unknown[], T>(call: (...args: Args) => Promise<T>) {
  let calls = 0;
  return async (...args: Args): Promise<T> => {
    calls += 1;
    if (calls === 1)
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    return call(...args);
  };
}

const stored = async (world: ChatWorld, room = ROOM) =>
  (await world.chat.messages.history(room, { limit: 100 })).messages.toReversed();

describe('talking', () => {
  it('gives a message to everybody in the room in their own words, to its sender before the ack', async () => {
    const world = createChatWorld();
    await roomOf(world, 'anna', 'bob', 'carl');
    const anna = await world.member('anna');
    const bob = await world.member('bob', '/chat');
    const carl = await world.member('carl');
    await bob.send('2/chat,["join_room",{"roomId":"r1"}]');
    for (const client of [anna, bob, carl]) client.take();
    await anna.send('21["message:send",{"chatId":"r1","content":"hello"}]');

    const [message] = await stored(world);
    expect(message).toMatchObject({ content: 'hello', sender: { id: 'user-anna' } });
    const { id } = message!;
    const own = anna.take();
    expect(own.map((packet) => packet.slice(0, 4))).toEqual(['42["', '431[']);
    expect(eventsOf(own)).toEqual([['message:new', expect.objectContaining({ id, chat_id: 'r1' })]]);
    expect(ackOf(own, 1)).toEqual({ ok: true, ...(eventsOf(own)[0]![1] as object) });
    expect(eventsOf(bob.take())).toEqual([
      ['message', expect.objectContaining({ id, roomId: 'r1', content: 'hello' })],
    ]);
    const names = eventsOf(carl.take()).map(([name]) => name);
    expect(names.toSorted()).toEqual(['message', 'message:new']);
  });

  it('stores a frame that is delivered twice once, tells the others once, and says so once', async () => {
    const world = createChatWorld({ settings: only('chats') });
    await roomOf(world, 'anna', 'bob');
    const anna = await world.member('anna');
    const bob = await world.member('bob');
    const frame = {
      text: '21["message:send",{"chatId":"r1","content":"once"}]',
      attachments: [],
      arrival: { at: world.clock.now(), requestId: 'frame-1' },
    };
    await anna.send(frame);
    await anna.send(frame);
    expect(await stored(world)).toHaveLength(1);
    expect(eventsOf(bob.take())).toHaveLength(1);
    // Had the first died before it told anybody, an ack of the second would promise too much.
    expect(anna.take().filter((packet) => packet.startsWith('431'))).toHaveLength(1);
  });

  it('handles what a client sends together in its order', async () => {
    const world = createChatWorld({
      settings: only('chats'),
      deps: ({ messages }) => ({ messages: { ...messages, append: slowAtFirst(messages.append) } }),
    });
    await roomOf(world, 'anna');
    const anna = await world.member('anna');
    const texts = ['a', 'b', 'c', 'd'];
    await anna.send(
      ...texts.map((content, index) => ({
        text: `2["message:send",{"chatId":"r1","content":"${content}"}]`,
        attachments: [],
        arrival: { at: world.clock.now() + index, requestId: `post.${index}` },
      })),
    );
    expect((await stored(world)).map(({ content }) => content)).toEqual(texts);
    expect(eventsOf(anna.take()).map(([, message]) => (message as { content: string }).content)).toEqual(
      texts,
    );
  });

  it('takes the lobby for a message without a room, and refuses it where there is none', async () => {
    const world = createChatWorld({ settings: only('messenger') });
    await roomOf(world, 'anna', 'bob');
    const anna = await world.member('anna');
    const bob = await world.member('bob');
    await anna.send('2["message",{"message":"hi all"}]');
    expect(eventsOf(bob.take())).toEqual([['message', expect.objectContaining({ message: 'hi all' })]]);

    const { namespaces } = only('messenger');
    const without = createChatWorld({ settings: { namespaces } });
    await without.people('anna');
    const lonely = await without.member('anna');
    await lonely.send('27["message",{"message":"hi all"}]');
    expect(ackOf(lonely.take(), 7)).toMatchObject({ error: { code: 'invalid_field' } });
  });

  it('sends typing without a room to the room last written to, and to the lobby before', async () => {
    const world = createChatWorld({ settings: only('messenger') });
    await roomOf(world, 'anna', 'bob');
    await world.people('carl');
    const anna = await world.member('anna');
    const bob = await world.member('bob');
    const carl = await world.member('carl');
    anna.take();
    await anna.send('2["typing",true]');
    expect(eventsOf(carl.take())).toEqual([
      ['userTyping', { userId: 'user-anna', username: 'anna', isTyping: true }],
    ]);
    await anna.send('2["message",{"message":"psst","context":{"roomId":"r1"}}]');
    bob.take();
    await anna.send('2["typing",false]');
    expect(eventsOf(bob.take())).toEqual([
      ['userTyping', { userId: 'user-anna', username: 'anna', isTyping: false }],
    ]);
    expect(carl.take()).toEqual([]);
    expect(eventsOf(anna.take()).map(([name]) => name)).toEqual(['message']);
  });

  it('pins a socket to the chat dialect it uses first, and forgets the others both ways', async () => {
    const world = createChatWorld();
    await roomOf(world, 'anna', 'bob');
    const anna = await world.member('anna');
    const bob = await world.member('bob');
    await bob.send('2["chat:join",{"chatId":"r1"}]');
    bob.take();
    await bob.send('2["send_message",{"roomId":"r1","content":"other words"}]');
    expect(eventsOf(bob.take())).toEqual([['error', { message: 'Unknown event: send_message' }]]);
    await anna.send('2["message:send",{"chatId":"r1","content":"hello"}]');
    expect(eventsOf(bob.take()).map(([name]) => name)).toEqual(['message:new']);
    expect((await bob.session()).sockets['/']!.tag).toBe('chats');
  });

  it('lets nobody send to, type in, read or join a room without the right, and says the same of rooms that do not exist', async () => {
    const world = createChatWorld({ settings: only('chats') });
    await roomOf(world, 'anna');
    await world.people('eve');
    const anna = await world.member('anna');
    const eve = await world.member('eve');
    await anna.send('2["message:send",{"chatId":"r1","content":"secret"}]');
    const [{ id } = { id: '' }] = await stored(world);
    anna.take();
    for (const [event, payload] of [
      ['message:send', { chatId: 'r1', content: 'x' }],
      ['message:send', { chatId: 'none', content: 'x' }],
      ['typing:start', { chatId: 'r1' }],
      ['chat:join', { chatId: 'r1' }],
      ['chat:join', { chatId: 'none' }],
      ['message:read', { chatId: 'r1', messageId: id }],
    ] as const) {
      await eve.send(`2${JSON.stringify([event, payload])}`);
      expect(eventsOf(eve.take()), event).toEqual([
        ['error', { message: 'No such room, or you are not a participant of it.' }],
      ]);
    }
    expect(await stored(world)).toHaveLength(1);
    expect(anna.take()).toEqual([]);
  });

  it('tells a receipt to the room and its reader, in the ack too', async () => {
    const world = createChatWorld({ settings: only('chats') });
    await roomOf(world, 'anna', 'bob');
    const anna = await world.member('anna');
    const bob = await world.member('bob');
    await anna.send('2["message:send",{"chatId":"r1","content":"read me"}]');
    const [{ id } = { id: '' }] = await stored(world);
    anna.take();
    bob.take();
    await bob.send(`25["message:read",{"chatId":"r1","messageId":"${id}"}]`);
    const read = { messageId: id, chatId: 'r1', userId: 'user-bob' };
    expect(eventsOf(anna.take())).toEqual([['message:read', read]]);
    const own = bob.take();
    expect(eventsOf(own)).toEqual([['message:read', read]]);
    expect(ackOf(own, 5)).toEqual({ ok: true, ...read });
  });

  it('leaves a room until it is joined again', async () => {
    const world = createChatWorld({ settings: only('chats') });
    await roomOf(world, 'anna', 'bob');
    const anna = await world.member('anna');
    const bob = await world.member('bob');
    await bob.send('21["chat:leave",{"chatId":"r1"}]');
    expect(ackOf(bob.inbox, 1)).toEqual({ ok: true, chatId: 'r1' });
    expect(eventsOf(bob.take())).toEqual([['chat:left', { chatId: 'r1' }]]);
    await anna.send('2["message:send",{"chatId":"r1","content":"gone?"}]');
    expect(bob.take()).toEqual([]);
    await bob.send('2["chat:join",{"chatId":"r1"}]');
    bob.take();
    await anna.send('2["message:send",{"chatId":"r1","content":"back"}]');
    expect(eventsOf(bob.take())).toHaveLength(1);
  });

  it('ends the typing of whoever goes away, and has the silence looked at after ten seconds', async () => {
    const world = createChatWorld({ settings: only('chats') });
    await roomOf(world, 'anna', 'bob');
    const anna = await world.member('anna');
    const bob = await world.member('bob');
    await anna.send('2["typing:start",{"chatId":"r1"}]');
    expect(eventsOf(bob.take())).toEqual([
      ['typing:start', { chatId: 'r1', userId: 'user-anna', username: 'anna' }],
    ]);
    expect(world.later.filter(({ task }) => task.kind === 'typing.expire')).toEqual([
      {
        task: {
          kind: 'typing.expire',
          sid: anna.sid,
          namespace: '/',
          roomId: 'r1',
          startedAt: world.clock.now(),
          userId: 'user-anna',
          username: 'anna',
        },
        seconds: 10,
      },
    ]);
    await world.sessions.end(anna.sid, 'transport close');
    expect(eventsOf(bob.take())).toEqual([['typing:stop', { chatId: 'r1', userId: 'user-anna' }]]);
  });

  it('disconnects a socket whose token has run out, and says why', async () => {
    const world = createChatWorld({ settings: only('chats') });
    await roomOf(world, 'anna');
    const anna = await world.member('anna');
    world.clock.advance(TOKEN_MS + 60_000);
    await anna.send('2["message:send",{"chatId":"r1","content":"too late"}]');
    const packets = anna.take();
    expect(eventsOf(packets)).toEqual([['error', { message: 'Authentication failed: Token expired' }]]);
    expect(packets.at(-1)).toBe('41');
    expect(await stored(world)).toEqual([]);
  });

  it.each([
    ['an unknown event', '2["dance",{}]', 'Unknown event: dance'],
    ['a number for a name', '2[7,{}]', 'Unknown event: 7'],
    ['the name of an own event', '2["error",{"message":"x"}]', 'Unknown event: error'],
    ['a name every object has', '2["constructor",{}]', 'Unknown event: constructor'],
    ['no payload', '2["chat:join"]', expect.stringMatching(/^payload /)],
    ['a wrong field', '2["chat:join",{"chatId":7}]', expect.stringMatching(/^chatId /)],
  ])('answers %s with an error and goes on', async (_what, packet, message) => {
    const world = createChatWorld({ settings: only('chats', 'fama') });
    await roomOf(world, 'anna');
    const anna = await world.member('anna');
    await anna.send(packet);
    expect(eventsOf(anna.take())).toEqual([['error', { message }]]);
    await anna.send(packet.replace('2[', '29['));
    expect(ackOf(anna.take(), 9)).toEqual({ error: { code: expect.any(String), message } });
    await anna.send('21["chat:join",{"chatId":"r1"}]');
    expect(ackOf(anna.take(), 1)).toEqual({ ok: true, chatId: 'r1' });
  });

  it('tells a client nothing of what failed inside, and keeps its connection', async () => {
    const world = createChatWorld({
      settings: only('chats'),
      deps: ({ messages }) => ({
        messages: { ...messages, append: () => Promise.reject(new Error('table causeway-secret')) },
      }),
    });
    await roomOf(world, 'anna');
    const anna = await world.member('anna');
    await anna.send('21["message:send",{"chatId":"r1","content":"x"}]');
    const packets = anna.take();
    expect(packets.join('')).not.toContain('secret');
    expect(ackOf(packets, 1)).toMatchObject({ error: { code: 'internal' } });
    expect(anna.closed).toBeUndefined();
  });

  it('leaves namespaces that are not named to the application', async () => {
    const world = createChatWorld({
      settings: { namespaces: { '/chat': ['rooms'] } },
      application: (io: { on: (event: string, listener: (socket: never) => void) => void }) =>
        io.on(
          'connection',
          (socket: { on: (event: string, listener: (answer: (text: string) => void) => void) => void }) =>
            socket.on('mine', (answer) => answer('yours')),
        ),
    });
    const anyone = await world.connect();
    await anyone.send('20["mine"]');
    expect(ackOf(anyone.take(), 0)).toBe('yours');
  });
});
