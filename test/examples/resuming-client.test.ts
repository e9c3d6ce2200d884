/**
 * The example client over a wire that is cut at random, to a server whose calls take their time: what it shows its application
 * against what was stored. Time is simulated, so hours take seconds.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { ResumingClient, type NativeEvent } from '../../examples/native-client/resuming-client.mjs';
import { markRead } from '../../lambdas/app/mark-read.ts';
import { notify } from '../../lambdas/app/notify.ts';
import { sendMessage } from '../../lambdas/app/send-message.ts';
import type { Message } from '../../lambdas/domain/entities.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import { RESUME } from '../../lambdas/manifest/limits.ts';
import {
  actor,
  HOUR,
  NOW,
  OTHER_ROOM,
  ROOM,
  send,
  userId,
  withLiveRoom,
  withRoom,
} from '../support/fakes/world.ts';
import { createServer, pause, seeded, type Server } from './simulated-server.ts';

const MINUTE = 60_000;
const DAY = 24 * HOUR;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: NOW });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** What others do: messages in two rooms, receipts, notifications; resolves with what was stored. */
async function others(server: Server, random: () => number, until: number) {
  const ben = actor('ben', { tokenExpiresAt: NOW + 9 * DAY });
  const stored = { messages: [] as string[], notes: [] as string[] };
  const acts: Promise<unknown>[] = [];
  let newest: { roomId: RoomId; id: string } | undefined;
  while (Date.now() < until) {
    const arrival = { at: Date.now(), requestId: server.nextRequest() };
    const roomId = random() < 0.7 ? ROOM : OTHER_ROOM;
    const what = random();
    if (what < 0.6)
      acts.push(
        sendMessage(server.slow, { actor: ben, arrival, command: send({ roomId }) }).then(({ message }) => {
          stored.messages.push(message.id);
          newest = message;
        }),
      );
    else if (what < 0.8)
      acts.push(
        notify(server.slow, {
          caller: { role: 'service' },
          userId: userId('anna'),
          payload: {},
          arrival,
        }).then(({ id }) => stored.notes.push(id)),
      );
    else if (newest !== undefined) {
      const command = { kind: 'message.read', roomId: newest.roomId, messageId: newest.id as never } as const;
      acts.push(markRead(server.slow, { userId: ben.id, command, at: Date.now() }));
    }
    // Now a burst, now silence.
    await pause(random() < 0.8 ? random() * 200 : random() * 5 * MINUTE);
  }
  await Promise.all(acts);
  return stored;
}

async function peopled(random: () => number, slowMs: number): Promise<Server> {
  const server = createServer(random, slowMs);
  for (const roomId of [ROOM, OTHER_ROOM]) {
    await withLiveRoom(server.world, ['ben'], roomId);
    await withRoom(server.world, ['anna', 'ben'], roomId);
  }
  return server;
}

function annaOn(server: Server) {
  const shown: NativeEvent[] = [];
  const gaps: unknown[] = [];
  const client = new ResumingClient({
    url: () => 'ws://anywhere',
    rooms: [ROOM, OTHER_ROOM],
    WebSocket: server.Socket,
  });
  client.onEvent = (event) => void shown.push(event);
  client.onGap = (rooms) => void gaps.push(rooms);
  const ids = (kind: string, field: string) =>
    shown.filter(({ event }) => event === kind).map((event) => (event[field] as { id: string }).id);
  return {
    client,
    shown,
    gaps,
    messages: () => ids('message.created', 'message'),
    notes: () => ids('notification.created', 'notification'),
  };
}

const SEEDS = Array.from({ length: 24 }, (_, n) => n + 1);

describe('the client of the documentation, cut at random', () => {
  test.each(SEEDS)('shows everything once (seed %i)', async (seed) => {
    const random = seeded(seed);
    vi.spyOn(Math, 'random').mockImplementation(random);
    const server = await peopled(random, seed % 4 === 0 ? 3_000 : 60);
    const anna = annaOn(server);
    const until = NOW + 3 * HOUR;
    await vi.advanceTimersByTimeAsync(10_000);
    const happening = others(server, random, until);
    const cutting = (async () => {
      while (Date.now() < until) {
        await pause(random() * 12 * MINUTE);
        const kind = random();
        if (kind < 0.5) server.cut();
        else if (kind < 0.7) server.goSilent();
        else server.restart(random() * MINUTE);
      }
    })();
    const own: Promise<NativeEvent>[] = [];
    const talking = (async () => {
      while (Date.now() < until) {
        await pause(random() * 10 * MINUTE);
        own.push(anna.client.send(ROOM, { content: `mine ${own.length}` }));
      }
    })();
    await vi.advanceTimersByTimeAsync(4 * HOUR);
    const [stored] = await Promise.all([happening, cutting, talking]);
    const mine = (await Promise.all(own)).map((event) => (event['message'] as { id: string }).id);

    expect(stored.messages.length).toBeGreaterThan(50);
    expect(anna.messages().toSorted()).toEqual([...stored.messages, ...mine].toSorted());
    expect(anna.notes().toSorted()).toEqual(stored.notes.toSorted());
    expect(new Set(anna.shown.map(({ offset }) => offset)).size).toBe(anna.shown.length);
    expect(anna.gaps).toEqual([]);
    for (const roomId of [ROOM, OTHER_ROOM]) {
      const last = anna.shown.findLast(
        (event) => event.event === 'message.read' && event['roomId'] === roomId,
      );
      const ben = await server.world.rooms.participant(roomId, userId('ben'), 'strong');
      expect(last?.['messageId']).toBe(ben?.lastReadMessageId);
    }
    anna.client.close();
  });

  test('what was being sent while it came comes with the second look', async () => {
    const random = seeded(2);
    const server = await peopled(random, 10);
    let store = () => {};
    const stored = new Promise<void>((resolve) => (store = resolve));
    const append = server.world.messages.append.bind(server.world.messages);
    const held = { ...server.world.messages, append: (said: Message) => stored.then(() => append(said)) };
    // Listed before anna is there, stored after she has looked.
    const arrival = { at: Date.now(), requestId: server.nextRequest() };
    const sending = sendMessage(
      { ...server.world, messages: held },
      { actor: actor('ben'), arrival, command: send() },
    );
    await vi.advanceTimersByTimeAsync(1_000);
    const anna = annaOn(server);
    await vi.advanceTimersByTimeAsync(3_000);
    store();
    const { message } = await sending;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(anna.messages()).toEqual([]);
    await vi.advanceTimersByTimeAsync(RESUME.againSeconds * 1_000);
    expect(anna.messages()).toEqual([message.id]);
    anna.client.close();
  });

  test('it comes even if the connection is lost before that, and others were heard meanwhile', async () => {
    const random = seeded(2);
    const server = await peopled(random, 10);
    const ben = actor('ben', { tokenExpiresAt: NOW + DAY });
    const say = (at: number) =>
      sendMessage(server.world, {
        actor: ben,
        arrival: { at, requestId: server.nextRequest() },
        command: send(),
      });
    const anna = annaOn(server);
    await vi.advanceTimersByTimeAsync(MINUTE);
    server.cut();
    await vi.advanceTimersByTimeAsync(3_000);
    // Heard between the looks, by a clock that runs ahead: the next resume must not begin there.
    const early = Date.now() - RESUME.slackMs + 1_000;
    const hearing = say(Date.now() + 30_000);
    await vi.advanceTimersByTimeAsync(1_000);
    server.restart(MINUTE);
    const missing = say(early);
    await vi.advanceTimersByTimeAsync(3 * MINUTE);
    const both = [await hearing, await missing].map(({ message }) => message.id);
    expect(anna.messages()).toEqual(both);
    anna.client.close();
  });

  test('in order, where senders wait for their answers and the server is quick', async () => {
    const random = seeded(7);
    vi.spyOn(Math, 'random').mockImplementation(random);
    const server = await peopled(random, 60);
    const anna = annaOn(server);
    const ben = actor('ben', { tokenExpiresAt: NOW + 9 * DAY });
    const sent: string[] = [];
    const talking = (async () => {
      await pause(10_000);
      while (sent.length < 600) {
        const arrival = { at: Date.now(), requestId: server.nextRequest() };
        sent.push((await sendMessage(server.slow, { actor: ben, arrival, command: send() })).message.id);
        await pause(random() * 300);
      }
    })();
    const cutting = (async () => {
      for (let n = 0; n < 25; n++) {
        await pause(random() * 6_000);
        server.cut();
      }
    })();
    await vi.advanceTimersByTimeAsync(30 * MINUTE);
    await Promise.all([talking, cutting]);
    expect(anna.messages()).toEqual(sent);
    anna.client.close();
  });

  test('who was away for more than a day is told that there is a gap, and hears on', async () => {
    const random = seeded(3);
    vi.spyOn(Math, 'random').mockImplementation(random);
    const server = await peopled(random, 60);
    const anna = annaOn(server);
    await vi.advanceTimersByTimeAsync(10_000);
    server.restart(DAY + HOUR);
    await vi.advanceTimersByTimeAsync(DAY + 2 * HOUR);
    expect(anna.gaps).toEqual([[ROOM, OTHER_ROOM]]);
    const own = anna.client.send(ROOM, { content: 'back' });
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(anna.messages()).toEqual([((await own)['message'] as { id: string }).id]);
    anna.client.close();
  });

  test('a refusal reaches who asked', async () => {
    const server = await peopled(seeded(1), 10);
    const anna = annaOn(server);
    const refused = anna.client.send('room-elsewhere', { content: 'x' }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(await refused).toMatchObject({ code: 'not_participant' });
    anna.client.close();
  });
});
