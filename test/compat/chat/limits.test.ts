/** What chat clients may do, and what they are told when it is too much. */
import { describe, expect, test } from 'vitest';

import { dismissIdle } from '../../../compat/chat/dismiss.ts';
import { createMemoryStores } from '../../../lambdas/adapters/memory/memory-stores.ts';
import { createRateLimiter } from '../../../lambdas/app/rate-limit.ts';
import { type ClientLimits, LIMITS } from '../../../lambdas/manifest/limits.ts';
import type { SocketEntry } from '../../../lambdas/ports/socketio.ts';
import { ackOf, type ChatWorld, createChatWorld, eventsOf, only } from '../../support/chat-world.ts';

const IDLE_MS = 1_000_000;

async function chat(
  settings = only('chats'),
  over: Partial<ClientLimits> = {},
  entries: readonly SocketEntry[] = [],
): Promise<ChatWorld> {
  const limits = { ...LIMITS, perSocket: { perSecond: 1, burst: 10 }, ...over };
  const world = createChatWorld({
    settings,
    deps: ({ log, sessions }) => {
      const rates = createRateLimiter({ ...createMemoryStores(), limits, log });
      const sockets = { list: () => Promise.resolve(entries) };
      const { connectionsPerUser } = limits;
      const connections = { rates, sessions, sockets, namespaces: ['/'], connectionsPerUser };
      return { limits: { rates, connections, idleMs: IDLE_MS } };
    },
  });
  await world.people('anna', 'ben');
  await world.room('r', 'anna', 'ben');
  return world;
}

describe('too many events', () => {
  test('are refused in the ack, with when to try again', async () => {
    const world = await chat();
    const anna = await world.member('anna');
    for (let n = 0; n < 10; n++) await anna.send('2["chat:join",{"chatId":"r"}]');
    await anna.send('27["chat:join",{"chatId":"r"}]');
    expect(ackOf(anna.take(), 7)).toEqual({
      error: { code: 'rate_limited', message: 'Too much at once. Try again in 1 s.' },
    });
    world.clock.advance(1_000);
    await anna.send('28["chat:join",{"chatId":"r"}]');
    expect(ackOf(anna.take(), 8)).toMatchObject({ ok: true });
  });

  test.each([
    ['chats', 'chat:join', { chatId: 'r' }],
    ['messenger', 'message', { message: 'hi' }],
  ] as const)('are refused with the error event of %s', async (dialect, event, payload) => {
    const world = await chat(only(dialect));
    const anna = await world.member('anna');
    for (let n = 0; n < 11; n++) await anna.send(`2${JSON.stringify([event, payload])}`);
    const told = eventsOf(anna.take()).filter(([name]) => name.endsWith('error'));
    expect(told).toEqual([[told[0]![0], { message: 'Too much at once. Try again in 1 s.' }]]);
  });

  test('of one user are too many on all devices together', async () => {
    const world = await chat(only('chats'), { perUser: { perSecond: 1, burst: 10 } });
    const [phone, laptop] = [await world.member('anna'), await world.member('anna')];
    for (let n = 0; n < 6; n++)
      for (const device of [phone, laptop]) await device.send('21["chat:join",{"chatId":"r"}]');
    const acks = [...phone.take(), ...laptop.take()].filter((packet) => packet.startsWith('431'));
    expect(acks.filter((ack) => ack.includes('rate_limited'))).toHaveLength(2);
    const ben = await world.member('ben');
    await ben.send('21["chat:join",{"chatId":"r"}]');
    expect(ackOf(ben.take(), 1)).toMatchObject({ ok: true });
  });

  test('that are no events of the vocabulary count, too', async () => {
    const world = await chat();
    const anna = await world.member('anna');
    for (let n = 0; n < 10; n++) await anna.send('2["nonsense"]');
    anna.take();
    await anna.send('27["nonsense"]');
    expect(ackOf(anna.take(), 7)).toMatchObject({ error: { code: 'rate_limited' } });
  });
});

describe('too many connections of one user', () => {
  test('are refused when they are asked to come in', async () => {
    const entries = ['a', 'b'].map((sid) => ({ sid, socketId: sid }) as unknown as SocketEntry);
    const world = await chat(only('chats'), { connectionsPerUser: 2 }, entries);
    await world.member('anna');
    const refused = await world.enter('anna');
    expect(refused.take()).toEqual([
      '44{"message":"Too many connections of this user.","data":{"code":"rate_limited"}}',
    ]);
    const ben = await world.enter('ben');
    expect(ben.take()[0]).toMatch(/^40/);
  });
});

describe('a client that does nothing', () => {
  const dismissed = async (
    world: ChatWorld,
    client: { session(): ReturnType<typeof Object> },
    ms: number,
  ) => {
    const dismiss = dismissIdle(world.chat.vocabularies, IDLE_MS);
    return dismiss((await client.session()) as never, world.clock.now() + ms);
  };

  test('is sent away with an error and a DISCONNECT, after which stock clients stay away', async () => {
    const world = await chat(only('messenger', 'fama'));
    const anna = await world.member('anna');
    expect(await dismissed(world, anna, IDLE_MS - 1)).toBeUndefined();
    expect(await dismissed(world, anna, IDLE_MS)).toEqual({
      reason: 'server namespace disconnect',
      packets: ['42["error",{"message":"Closed after a long time without activity."}]', '41'],
    });
  });

  test('stays for as long again from its last event on, which is noted now and then', async () => {
    const world = await chat(only('messenger'));
    const anna = await world.member('anna');
    const start = world.clock.now();
    const noted = async () =>
      (JSON.parse((await anna.session()).sockets['/']!.data) as { activeAt: number }).activeAt - start;
    expect(await noted()).toBe(0);
    world.clock.advance(IDLE_MS / 10);
    await anna.send('2["typing",true]');
    expect(await noted()).toBe(0);
    world.clock.advance(1);
    await anna.send('2["typing",false]');
    expect(await noted()).toBe(IDLE_MS / 10 + 1);
    expect(await dismissed(world, anna, IDLE_MS - 1)).toBeUndefined();
  });

  test('says goodbye in each namespace, and to those of chat only', async () => {
    const world = await chat({ namespaces: { '/': ['chats'], '/chat': ['rooms'] }, lobby: 'lobby' });
    const anna = await world.member('anna');
    await anna.send('0/chat,{"token":"anna"}');
    const dismissal = await dismissed(world, anna, IDLE_MS);
    expect(dismissal?.packets.filter((packet) => packet.startsWith('41'))).toEqual(['41', '41/chat,']);
    const session = await anna.session();
    const own = { ...session.sockets['/']!, data: '{}' };
    const mixed = { ...session, sockets: { ...session.sockets, '/own': own } };
    const dismiss = dismissIdle(world.chat.vocabularies, IDLE_MS);
    expect(dismiss(mixed, world.clock.now() + IDLE_MS)).toBeUndefined();
    expect(dismiss({ ...session, sockets: {} }, world.clock.now() + IDLE_MS)).toBeUndefined();
    // Of a namespace whose dialects were taken out of the configuration.
    expect(dismissIdle(new Map(), IDLE_MS)(session, world.clock.now() + IDLE_MS)?.packets).toEqual([
      '41',
      '41/chat,',
    ]);
  });
});
