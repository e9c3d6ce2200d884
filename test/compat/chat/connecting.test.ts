import type { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';

import { createChatWorld, eventsOf, only, userId } from '../../support/chat-world.ts';

const refusalOf = (packets: readonly string[]) =>
  JSON.parse(
    packets.find((packet) => packet.startsWith('44'))?.replace(/^44(\/[^,]*,)?/, '') ?? 'null',
  ) as unknown;

describe('connecting to a namespace of the chat', () => {
  it('greets whoever has a token, once, and puts them into their own room, the lobby and their rooms', async () => {
    const world = createChatWorld();
    await world.people('anna');
    await world.room('r1', 'anna');
    const anna = await world.enter('anna');
    const packets = anna.take();
    expect(packets[0]).toMatch(/^40\{"sid"/);
    expect(eventsOf(packets)).toEqual([
      [
        'connected',
        { message: 'Successfully connected', user: { user_id: userId('anna'), username: 'anna' } },
      ],
    ]);
    const { rooms, data } = (await anna.session()).sockets['/']!;
    expect(rooms.toSorted()).toEqual(['#lobby', '#r1', 'user-anna']);
    expect(JSON.parse(data)).toMatchObject({ userId: 'user-anna', username: 'anna', role: 'freelance' });
    await anna.send('2["chat:join",{"chatId":"r1"}]');
    expect(eventsOf(anna.take())).toEqual([['chat:joined', { chatId: 'r1' }]]);
  });

  it('puts nobody into rooms unasked where only the rooms vocabulary is served', async () => {
    const world = createChatWorld();
    await world.people('anna');
    await world.room('r1', 'anna');
    const anna = await world.enter('anna', '/chat');
    expect((await anna.session()).sockets['/chat']!.rooms).toEqual(['user-anna']);
  });

  it.each([
    ['no token', '0', ['token_missing', 'Token missing']],
    ['an empty token', '0{"token":""}', ['token_missing', 'Token missing']],
    ['a forged token', '0{"token":"?"}', ['token_invalid', 'Token invalid']],
    ['a token that is no text', '0{"token":{"a":1}}', ['token_invalid', 'Token invalid']],
    ['an old token', '0{"token":"late"}', ['token_expired', 'Token expired']],
    ['a token of somebody unknown', '0{"token":"stranger"}', ['user_not_found', 'User not found']],
  ])('refuses %s with the reason and its code', async (_what, packet, [code, reason]) => {
    const world = createChatWorld();
    const client = await world.open();
    await client.send(packet);
    expect(refusalOf(client.take())).toEqual({
      message: `Authentication failed: ${reason}`,
      data: { code },
    });
    expect(client.closed).toBeUndefined();
  });

  it('takes a token with `Bearer `, and one from the header when `auth` has none', async () => {
    const world = createChatWorld();
    await world.people('anna');
    const bearer = await world.enter('Bearer anna');
    expect(eventsOf(bearer.take())).toHaveLength(1);
    const { handshake } = await bearer.session();
    const headers = { ...handshake.headers, authorization: 'Bearer anna' };
    const header = await world.open({ handshake: { ...handshake, headers } });
    await header.send('0');
    expect(eventsOf(header.take())).toHaveLength(1);
  });

  it('makes a profile for a user of another issuer at the first connect', async () => {
    const world = createChatWorld();
    await world.enter('guest-gina');
    expect(await world.chat.users.get(userId('guest-gina'))).toMatchObject({ username: 'guest-gina' });
  });

  it('disconnects whoever is refused where there are only notifications', async () => {
    const world = createChatWorld({ settings: only('notifications') });
    const client = await world.enter('?');
    expect(refusalOf(client.take())).toMatchObject({ data: { code: 'token_invalid' } });
    expect(client.closed).toBe('forced close');
  });

  it('tells a client nothing of our insides when a store fails', async () => {
    const world = createChatWorld({
      deps: ({ sessions }) => ({
        sessions: { ...sessions, admit: () => Promise.reject(new Error('secret table')) },
      }),
    });
    const client = await world.enter('anna');
    expect(refusalOf(client.take())).toEqual({
      message: 'Something went wrong on our side.',
      data: { code: 'internal' },
    });
  });

  it.each(['user-anna', 'user_user-anna'])("lets the team's code emit to a user as %s", async (name) => {
    let emit = (_text: string): void => {};
    const world = createChatWorld({
      application: (io: Server) => {
        emit = (text) => void io.to(name).emit('notification.new', { text });
        io.of('/back').on('connection', (socket) => socket.on('push', emit));
      },
    });
    await world.people('anna', 'bob');
    const [anna, bob] = [await world.member('anna'), await world.member('bob')];
    const backEnd = await world.open();
    await backEnd.send('0/back,');
    for (const client of [anna, bob]) client.take();
    await backEnd.send('2/back,["push","ding"]');
    expect(eventsOf(anna.take())).toEqual([['notification.new', { text: 'ding' }]]);
    expect(bob.take()).toEqual([]);
  });

  it("lets the team's code ask a user by either name, and leave one out", async () => {
    const asked: unknown[] = [];
    const world = createChatWorld({
      application: (io: Server) => {
        io.of('/back').on('connection', (socket) => {
          socket.on('ask', async () => {
            asked.push(await io.to('user_user-anna').timeout(20).emitWithAck('question').catch(String));
          });
          socket.on('others', () => void io.except('user_user-anna').emit('news', 1));
        });
      },
    });
    await world.people('anna', 'bob');
    const [anna, bob] = [await world.member('anna'), await world.member('bob')];
    const backEnd = await world.open();
    await backEnd.send('0/back,');
    for (const client of [anna, bob]) client.take();

    await backEnd.send('2/back,["ask"]', '2/back,["others"]');

    expect(anna.take()).toEqual([expect.stringMatching(/^42\d+\["question"\]$/)]);
    expect(bob.take()).toEqual(['42["news",1]']);
    expect(asked).toEqual([expect.stringContaining('operation has timed out')]);
  });

  it('tells those who share a room that somebody came, when it is the first session only', async () => {
    const world = createChatWorld({ settings: only('messenger') });
    await world.people('anna', 'bob');
    const bob = await world.member('bob');
    await world.pass(5);
    bob.take();
    const anna = await world.enter('anna');
    await world.enter('anna');
    await world.pass(5);
    // Nobody hears of themselves.
    expect(eventsOf(anna.take()).map(([name]) => name)).not.toContain('userStatus');
    expect(eventsOf(bob.take())).toEqual([
      ['userStatus', { userId: 'user-anna', username: 'anna', isOnline: true }],
    ]);
  });

  it('puts off the news that a session ended, whoever else is there', async () => {
    const world = createChatWorld({ settings: only('messenger') });
    await world.people('anna');
    const one = await world.member('anna');
    await world.member('anna');
    await world.pass(5);
    await world.sessions.end(one.sid, 'transport close');
    expect(world.later).toEqual([
      { task: { kind: 'presence.settle', userId: 'user-anna', at: world.clock.now() }, seconds: 10 },
    ]);
  });

  it('asks nobody to look at somebody who is known to be online', async () => {
    const world = createChatWorld({ settings: only('messenger') });
    await world.people('anna');
    await world.member('anna');
    await world.pass(5);
    await world.member('anna');
    expect(world.later).toEqual([]);
  });

  it('lets in whoever comes while the queue does not answer', async () => {
    const world = createChatWorld({
      deps: () => ({ later: { schedule: () => Promise.reject(new Error('no queue')) } }),
    });
    await world.people('anna');
    const anna = await world.enter('anna');
    expect(eventsOf(anna.take())).toHaveLength(1);
    await world.sessions.end(anna.sid, 'transport close');
    expect((await anna.session()).closed).toBeDefined();
  });
});
