import { describe, expect, it } from 'vitest';

import { notify } from '../../../lambdas/app/notify.ts';
import type { RoomId } from '../../../lambdas/domain/ids.ts';
import { notificationId } from '../../../lambdas/domain/message-id.ts';
import { RECALL } from '../../../lambdas/manifest/limits.ts';
import {
  createChatWorld,
  eventsOf,
  only,
  TOKEN_MS,
  userId,
  type ChatWorld,
} from '../../support/chat-world.ts';
import { message } from '../../support/fakes/world.ts';
import type { FakeClient } from '../../support/socketio-world.ts';

const ROOM = 'r1' as RoomId;

interface Lost {
  readonly id: string;
  readonly pid: string;
  readonly offset: string;
}

/** A world with a room and two who are in it. */
async function twoInARoom(settings = only('chats', 'fama', 'notifications')) {
  const world = createChatWorld({ recovery: true, settings });
  await world.people('anna', 'bob');
  await world.room(ROOM, 'anna', 'bob');
  const anna = await world.enter('anna');
  const bob = await world.member('bob');
  return { world, anna, bob };
}

/** What a client remembers of its socket: ids, and the last argument of the last event that ended in a text. */
function memoryOf(packets: readonly string[]): Lost {
  const { sid: id, pid } = JSON.parse(packets[0]!.slice(2)) as { sid: string; pid: string };
  const offsets = eventsOf(packets)
    .map((args) => args.at(-1))
    .filter((last) => typeof last === 'string');
  return { id, pid, offset: offsets.at(-1)! };
}

async function comeBack(world: ChatWorld, { pid, offset }: Lost, token = 'anna'): Promise<FakeClient> {
  const client = await world.open();
  await client.send(`0${JSON.stringify({ token, pid, offset })}`);
  return client;
}

const say = async (world: ChatWorld, client: FakeClient, content: string) => {
  world.clock.advance(10);
  await client.send(`2${JSON.stringify(['message:send', { chatId: ROOM, content }])}`);
};
const contents = (packets: readonly string[]) =>
  eventsOf(packets)
    .filter(([name]) => name === 'message:new')
    .map(([, message]) => (message as { content: string }).content);

describe('coming back after a lost connection', () => {
  it('brings the messages and notifications that were missed, oldest first, with their offsets, and no greeting', async () => {
    const { world, anna, bob } = await twoInARoom();
    const before = anna.take();
    const lost = memoryOf(before);
    world.clock.advance(1_000);
    await world.sessions.end(anna.sid, 'transport close');
    world.clock.advance(1_000);
    await say(world, bob, 'one');
    world.clock.advance(10);
    const arrival = { at: world.clock.now(), requestId: 'n1' };
    await world.chat.notifications.add({
      id: notificationId(arrival, userId('anna')),
      userId: userId('anna'),
      payload: { text: 'ding' },
      createdAt: arrival.at,
    });
    await say(world, bob, 'two');

    const back = await comeBack(world, lost);
    const packets = back.take();
    expect(JSON.parse(packets.find((packet) => packet.startsWith('40'))!.slice(2))).toMatchObject({
      sid: lost.id,
      pid: lost.pid,
    });
    const events = eventsOf(packets);
    expect(events.map(([name]) => name)).toEqual(['message:new', 'notification.new', 'message:new']);
    expect(contents(packets)).toEqual(['one', 'two']);
    expect(events.every((args) => typeof args.at(-1) === 'string')).toBe(true);
    await say(world, bob, 'three');
    expect(contents(back.take())).toEqual(['three']);
  });

  it('brings the receipts that were moved meanwhile, the last of each reader, and what was told late in its place', async () => {
    const { world, anna, bob } = await twoInARoom();
    const first = anna.take();
    world.clock.advance(1_000);
    await say(world, bob, 'to be read');
    const [, created] = eventsOf(anna.take()).find(([name]) => name === 'message:new')!;
    const { id } = created as { id: string };
    const lost = memoryOf(first);
    world.clock.advance(1_000);
    await say(world, bob, 'heard');
    const known = { ...lost, offset: eventsOf(anna.take()).at(-1)!.at(-1) as string };
    world.clock.advance(1_000);
    await world.sessions.end(anna.sid, 'transport close');
    world.clock.advance(1_000);
    await bob.send(`2${JSON.stringify(['message:read', { chatId: ROOM, messageId: id }])}`);
    world.clock.advance(1_000);
    // Asked for long before anna was lost, and handled only now.
    const arrival = { at: world.clock.now() - 60_000, requestId: 'n1', handledAt: world.clock.now() };
    await notify(world.chat, {
      caller: { role: 'service' },
      userId: userId('anna'),
      payload: { text: 'late' },
      arrival,
    });

    const back = await comeBack(world, known);
    const events = eventsOf(back.take());
    expect(events.map(([name]) => name)).toEqual(['message:read', 'notification.new']);
    expect(events[0]![1]).toMatchObject({ messageId: id, userId: userId('bob') });
    const offsets = events.map((args) => args.at(-1) as string);
    expect(offsets).toEqual(offsets.toSorted());
    // And not again.
    world.clock.advance(60_000);
    await world.sessions.end(back.sid, 'transport close');
    world.clock.advance(1_000);
    const again = await comeBack(world, { ...known, offset: offsets[1]! });
    expect(eventsOf(again.take())).toEqual([]);
  });

  it('brings nothing twice: what was heard before stays before', async () => {
    const { world, anna, bob } = await twoInARoom();
    const first = anna.take();
    world.clock.advance(1_000);
    await say(world, bob, 'heard');
    const heard = anna.take();
    const lost = memoryOf([...first, ...heard]);
    world.clock.advance(1_000);
    await world.sessions.end(anna.sid, 'transport close');
    world.clock.advance(1_000);
    const back = await comeBack(world, lost);
    expect(eventsOf(back.take())).toEqual([]);
  });

  it('writes nothing for recovery beside the messages themselves', async () => {
    const { world, anna, bob } = await twoInARoom();
    const { offset } = memoryOf(anna.take());
    await say(world, bob, 'kept once');
    for (const room of [undefined, `#${ROOM}`, 'user-anna', 'user-bob'])
      expect(
        await world.stores.packets.since(
          { nsp: '/', ...(room === undefined ? {} : { room }) },
          offset,
          world.clock.now(),
        ),
      ).toEqual([]);
  });

  it('does not bring back a room whose right was taken away meanwhile, nor its messages', async () => {
    const { world, anna, bob } = await twoInARoom();
    const lost = memoryOf(anna.take());
    world.clock.advance(1_000);
    await world.sessions.end(anna.sid, 'transport close');
    world.clock.advance(1_000);
    await world.chat.rooms.removeParticipant(ROOM, userId('anna'));
    await say(world, bob, 'without anna');
    const back = await comeBack(world, lost);
    expect(contents(back.take())).toEqual([]);
    expect((await back.session()).sockets['/']!.rooms).not.toContain(`#${ROOM}`);
    await say(world, bob, 'still without');
    expect(back.take()).toEqual([]);
  });

  it('speaks the words the socket had settled on', async () => {
    const { world, anna, bob } = await twoInARoom(only('messenger', 'rooms', 'chats', 'fama'));
    const greeting = anna.take();
    await anna.send('2["chat:join",{"chatId":"r1"}]');
    world.clock.advance(1_000);
    await world.sessions.end(anna.sid, 'transport close');
    world.clock.advance(1_000);
    await say(world, bob, 'in your words');
    const back = await comeBack(world, memoryOf(greeting));
    expect(eventsOf(back.take()).map(([name]) => name)).toEqual(['message:new']);
  });

  it('starts anew for whoever missed too much', async () => {
    const { world, anna, bob } = await twoInARoom();
    const lost = memoryOf(anna.take());
    world.clock.advance(1_000);
    await world.sessions.end(anna.sid, 'transport close');
    world.clock.advance(1_000);
    for (let n = 0; n <= RECALL.events; n++) await say(world, bob, `message ${n}`);
    const back = await comeBack(world, lost);
    const packets = back.take();
    expect(contents(packets)).toEqual([]);
    expect(memoryOf(packets).id).not.toBe(lost.id);
    const entries = await world.stores.sockets.list({ nsp: '/', room: `#${ROOM}` }, world.clock.now());
    expect(entries.map(({ socketId }) => socketId)).not.toContain(lost.id);
  });

  describe('and presence', () => {
    async function lost(seconds: number) {
      const { world, anna, bob } = await twoInARoom();
      const memory = memoryOf(anna.take());
      await world.pass(5);
      bob.take();
      await world.sessions.end(anna.sid, 'transport close');
      await world.pass(seconds);
      return { world, bob, memory };
    }
    const statuses = (packets: readonly string[]) =>
      eventsOf(packets).flatMap(([name, said]) =>
        name === 'user:status' ? [(said as { status: string }).status] : [],
      );

    it('a short absence is not noticed, and costs nothing', async () => {
      const { world, bob, memory } = await lost(2);
      const { connects } = (await world.chat.presence.get(userId('anna')))!;
      await comeBack(world, memory);
      await world.pass(30);
      expect(statuses(bob.take())).toEqual([]);
      expect((await world.chat.presence.get(userId('anna')))!.connects).toBe(connects);
    });

    it('a return in the very moment others are about to be told', async () => {
      const { world, bob, memory } = await lost(9);
      await comeBack(world, memory);
      await world.pass(30);
      expect(statuses(bob.take())).toEqual([]);
    });

    it('a long absence ends for the others, too', async () => {
      const { world, bob, memory } = await lost(60);
      expect(statuses(bob.take())).toEqual(['offline']);
      await comeBack(world, memory);
      await world.pass(5);
      expect(statuses(bob.take())).toEqual(['online']);
    });

    it('nobody is kept out when that cannot be written', async () => {
      const { world, memory } = await lost(60);
      Object.assign(world.chat.sessions, { admit: () => Promise.reject(new Error('throttled')) });
      const back = await comeBack(world, memory);
      expect(
        JSON.parse(
          back
            .take()
            .find((packet) => packet.startsWith('40'))!
            .slice(2),
        ),
      ).toMatchObject({
        pid: memory.pid,
      });
    });
  });

  describe('after the token has run out', () => {
    async function lostWithOldToken() {
      const { world, anna, bob } = await twoInARoom();
      const lost = memoryOf(anna.take());
      world.clock.advance(TOKEN_MS + 20_000);
      world.clock.advance(1_000);
      await world.sessions.end(anna.sid, 'transport close');
      world.clock.advance(1_000);
      world.clock.advance(60_000);
      await world.chat.messages.append(message({ roomId: ROOM, createdAt: world.clock.now() }));
      return { world, bob, lost };
    }

    it('brings nothing, and refuses the old token', async () => {
      const { world, lost } = await lostWithOldToken();
      const back = await comeBack(world, lost, 'late');
      expect(back.take()).toEqual([
        '44{"message":"Authentication failed: Token expired","data":{"code":"token_expired"}}',
      ]);
      const entries = await world.stores.sockets.list({ nsp: '/', room: `#${ROOM}` }, world.clock.now());
      expect(entries.map(({ socketId }) => socketId)).not.toContain(lost.id);
    });

    it('takes a new token, with a new socket', async () => {
      const { world, lost } = await lostWithOldToken();
      const back = await comeBack(world, lost, 'anna');
      const packets = back.take();
      expect(memoryOf(packets).id).not.toBe(lost.id);
      expect(eventsOf(packets).map(([name]) => name)).toEqual(['connected']);
    });
  });
});
