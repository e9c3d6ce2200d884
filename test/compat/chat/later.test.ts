import { describe, expect, it } from 'vitest';

import { performLater } from '../../../lambdas/app/perform-later.ts';
import type { LaterTask } from '../../../lambdas/ports/later.ts';
import { createChatWorld, eventsOf, only, type ChatWorld } from '../../support/chat-world.ts';

const perform = (world: ChatWorld, task: LaterTask) =>
  performLater({ ...world.chat, engineSessions: world.stores.sessions, now: () => world.clock.now() }, task);

/** What was put off, done when its time has come. */
async function tenSecondsLater(world: ChatWorld): Promise<void> {
  world.clock.advance(10_000);
  for (const { task } of world.later.splice(0)) await perform(world, task);
}

async function two(settings = only('chats')) {
  const world = createChatWorld({ settings });
  await world.people('anna', 'bob');
  await world.room('r1', 'anna', 'bob');
  const anna = await world.member('anna');
  const bob = await world.member('bob');
  anna.take();
  return { world, anna, bob };
}

describe('what is done later', () => {
  it('ends the typing of somebody who fell silent, once', async () => {
    const { world, anna, bob } = await two();
    await anna.send('2["typing:start",{"chatId":"r1"}]');
    bob.take();
    await tenSecondsLater(world);
    expect(eventsOf(bob.take())).toEqual([['typing:stop', { chatId: 'r1', userId: 'user-anna' }]]);
    expect(anna.take()).toEqual([]);
    await world.sessions.end(anna.sid, 'transport close');
    expect(eventsOf(bob.take())).toEqual([]);
  });

  it('lets somebody type on who started again, and leaves alone who stopped', async () => {
    const { world, anna, bob } = await two();
    await anna.send('2["typing:start",{"chatId":"r1"}]');
    const [first] = world.later.splice(0);
    world.clock.advance(9_000);
    await anna.send('2["typing:start",{"chatId":"r1"}]');
    bob.take();
    world.clock.advance(1_000);
    await perform(world, first!.task);
    expect(bob.take()).toEqual([]);
    await anna.send('2["typing:stop",{"chatId":"r1"}]');
    bob.take();
    await tenSecondsLater(world);
    expect(bob.take()).toEqual([]);
  });

  it('tells that somebody is offline who has not come back', async () => {
    const { world, anna, bob } = await two();
    const left = world.clock.now();
    await world.sessions.end(anna.sid, 'transport close');
    expect(bob.take()).toEqual([]);
    await tenSecondsLater(world);
    expect(eventsOf(bob.take())).toEqual([['user:status', { userId: 'user-anna', status: 'offline' }]]);
    expect(left).toBeLessThan(world.clock.now());
  });

  it('tells nobody of somebody who is back', async () => {
    const { world, anna, bob } = await two();
    await world.sessions.end(anna.sid, 'transport close');
    await world.member('anna');
    bob.take();
    await tenSecondsLater(world);
    expect(bob.take()).toEqual([]);
  });
});
