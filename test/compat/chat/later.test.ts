import { describe, expect, it } from 'vitest';

import { createChatWorld, eventsOf, only, userId } from '../../support/chat-world.ts';

async function two(settings = only('chats')) {
  const world = createChatWorld({ settings });
  await world.people('anna', 'bob');
  await world.room('r1', 'anna', 'bob');
  const anna = await world.member('anna');
  const bob = await world.member('bob');
  // Everybody has been told who is there.
  await world.pass(5);
  for (const client of [anna, bob]) client.take();
  return { world, anna, bob };
}

describe('what is done later', () => {
  it('ends the typing of somebody who fell silent, once', async () => {
    const { world, anna, bob } = await two();
    await anna.send('2["typing:start",{"chatId":"r1"}]');
    bob.take();
    await world.pass(10);
    expect(eventsOf(bob.take())).toEqual([['typing:stop', { chatId: 'r1', userId: 'user-anna' }]]);
    expect(anna.take()).toEqual([]);
    await world.sessions.end(anna.sid, 'transport close');
    expect(eventsOf(bob.take())).toEqual([]);
  });

  it('lets somebody type on who started again, and leaves alone who stopped', async () => {
    const { world, anna, bob } = await two();
    await anna.send('2["typing:start",{"chatId":"r1"}]');
    await world.pass(9);
    await anna.send('2["typing:start",{"chatId":"r1"}]');
    bob.take();
    await world.pass(1);
    expect(bob.take()).toEqual([]);
    await anna.send('2["typing:stop",{"chatId":"r1"}]');
    bob.take();
    await world.pass(10);
    expect(bob.take()).toEqual([]);
  });

  it('ends the typing of somebody who vanished before it was noted', async () => {
    const { world, anna, bob } = await two();
    const { get } = world.stores.sessions;
    await anna.send('2["typing:start",{"chatId":"r1"}]');
    bob.take();
    // What was stored of her says nothing of it.
    const stored = await get(anna.sid);
    Object.assign(stored?.sockets['/'] ?? {}, {
      data: JSON.stringify({ userId: 'user-anna', username: 'anna' }),
    });
    await world.sessions.end(anna.sid, 'transport close');
    expect(bob.take()).toEqual([]);
    await world.pass(10);
    expect(eventsOf(bob.take())).toContainEqual(['typing:stop', { chatId: 'r1', userId: 'user-anna' }]);
  });

  it('tells that somebody is offline who has not come back, ten seconds later', async () => {
    const { world, anna, bob } = await two();
    const left = world.clock.now();
    await world.sessions.end(anna.sid, 'transport close');
    await world.pass(9);
    expect(bob.take()).toEqual([]);
    await world.pass(1);
    expect(eventsOf(bob.take())).toEqual([['user:status', { userId: 'user-anna', status: 'offline' }]]);
    const user = await world.chat.users.get(userId('anna'));
    expect(user).toMatchObject({ lastSeenAt: left });
    expect(user).not.toHaveProperty('isOnline');
  });

  it('tells nobody of somebody who is back', async () => {
    const { world, anna, bob } = await two();
    await world.sessions.end(anna.sid, 'transport close');
    await world.member('anna');
    await world.pass(60);
    expect(bob.take()).toEqual([]);
    expect(world.later).toEqual([]);
  });

  it('tells once of somebody whose tabs all close in the same instant', async () => {
    const { world, anna, bob } = await two(only('chats', 'messenger', 'notifications'));
    const tabs = [anna, await world.member('anna'), await world.member('anna')];
    await world.pass(5);
    expect(bob.take()).toEqual([]);
    await Promise.all(tabs.map(({ sid }) => world.sessions.end(sid, 'transport close')));
    await world.pass(60);
    expect(eventsOf(bob.take()).filter(([name]) => name === 'user:status')).toHaveLength(1);
    expect(world.later).toEqual([]);
  });

  it('tells nobody of a namespace that is left while another one is used', async () => {
    const world = createChatWorld();
    await world.people('anna', 'bob');
    await world.room('r1', 'anna', 'bob');
    const bob = await world.member('bob');
    const anna = await world.member('anna');
    await anna.send('0/chat,{"token":"anna"}');
    await world.pass(5);
    bob.take();
    await anna.send('1/chat,');
    await world.pass(30);
    expect(bob.take()).toEqual([]);
  });

  it('asks for both namespaces of a client that leaves at once', async () => {
    const world = createChatWorld();
    await world.people('anna');
    const anna = await world.member('anna');
    await anna.send('0/chat,{"token":"anna"}');
    await world.pass(5);
    await world.sessions.end(anna.sid, 'transport close');
    expect(world.later).toHaveLength(1);
  });
});
