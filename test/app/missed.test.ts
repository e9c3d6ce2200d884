import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { missedBy, type MissedInput } from '../../lambdas/app/missed.ts';
import type { Message, Notification } from '../../lambdas/domain/entities.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import { messageId, notificationId } from '../../lambdas/domain/message-id.ts';
import { measureRounds } from '../support/fakes/rounds.ts';
import {
  createWorld,
  message,
  NOW,
  OTHER_ROOM,
  ROOM,
  userId,
  withRoom,
  type World,
} from '../support/fakes/world.ts';

const MINUTE = 60_000;
const anna = userId('anna');

let requests = 0;
async function say(world: World, at: number, roomId: RoomId = ROOM): Promise<Message> {
  const id = messageId({ at, requestId: `say-${requests++}` }, roomId);
  const said = message({ id, roomId, createdAt: at });
  await world.messages.append(said);
  return said;
}

async function notifyAnna(world: World, at: number, createdAt = at): Promise<Notification> {
  const id = notificationId({ at, requestId: `note-${requests++}` }, anna);
  const notification = { id, userId: anna, payload: { at }, createdAt };
  await world.notifications.add(notification);
  return notification;
}

type Seen = readonly [name: string, message: Message, readAt: number];
async function seen(world: World, ...[name, { id: read, roomId }, readAt]: Seen) {
  await world.rooms.advanceReceipt({ roomId, userId: userId(name), messageId: read, readAt });
}

async function peopledWorld(): Promise<World> {
  const world = createWorld();
  await withRoom(world, ['anna', 'ben', 'zoe']);
  await withRoom(world, ['anna', 'ben'], OTHER_ROOM);
  return world;
}

function missed(world: World, over: Partial<MissedInput> = {}) {
  const after = { at: NOW, slackMs: 0 };
  return missedBy(world, { userId: anna, roomIds: [ROOM, OTHER_ROOM], after, ...over });
}

const kindsAndTimes = ({ events }: Awaited<ReturnType<typeof missed>>) =>
  events.map(({ event, at }) => [event.kind, at - NOW]);

describe('missedBy', () => {
  test('brings messages, receipts and notifications of all rooms together, oldest first', async () => {
    const world = await peopledWorld();
    const first = await say(world, NOW + 1);
    await say(world, NOW + 4, OTHER_ROOM);
    await seen(world, 'ben', first, NOW + 2);
    await seen(world, 'anna', first, NOW + 5);
    await notifyAnna(world, NOW + 3);
    const found = await missed(world);
    expect(found.complete).toBe(true);
    expect(kindsAndTimes(found)).toEqual([
      ['message.created', 1],
      ['message.read', 2],
      ['notification.created', 3],
      ['message.created', 4],
      ['message.read', 5],
    ]);
    expect(found.events[0]?.event).toEqual({ kind: 'message.created', message: first });
  });

  test('nothing that happened before, but for what the slack lets in', async () => {
    const world = await peopledWorld();
    const old = await say(world, NOW - 10);
    await seen(world, 'ben', old, NOW - 9);
    await notifyAnna(world, NOW - 8);
    await say(world, NOW);
    expect(kindsAndTimes(await missed(world))).toEqual([['message.created', 0]]);
    const found = await missed(world, { after: { at: NOW, slackMs: 9 } });
    expect(kindsAndTimes(found)).toEqual([
      ['message.read', -9],
      ['notification.created', -8],
      ['message.created', 0],
    ]);
  });

  test('nothing of other rooms and users; a room named twice counts once', async () => {
    const world = await peopledWorld();
    await say(world, NOW + 1);
    await say(world, NOW + 1, OTHER_ROOM);
    await notifyAnna(world, NOW + 1);
    expect((await missed(world, { roomIds: [ROOM, ROOM], userId: userId('zoe') })).events).toHaveLength(1);
  });

  test('of several receipts of one reader the one that stands', async () => {
    const world = await peopledWorld();
    const [one, two] = [await say(world, NOW - 2), await say(world, NOW - 1)];
    await seen(world, 'ben', one, NOW + 1);
    await seen(world, 'ben', two, NOW + 2);
    expect((await missed(world)).events.map(({ event }) => event)).toEqual([
      { kind: 'message.read', roomId: ROOM, userId: userId('ben'), messageId: two.id, readAt: NOW + 2 },
    ]);
  });

  test('a notification that came minutes after it was asked for', async () => {
    const world = await peopledWorld();
    await notifyAnna(world, NOW - 1.9 * MINUTE, NOW + 1);
    await notifyAnna(world, NOW - 2.1 * MINUTE, NOW - 2.1 * MINUTE);
    expect(kindsAndTimes(await missed(world))).toEqual([['notification.created', 1]]);
  });

  test('a message of before that some were told only later', async () => {
    const world = await peopledWorld();
    const at = NOW - 10_000;
    const id = messageId({ at, requestId: 'large room' }, ROOM);
    await world.messages.append(message({ id, createdAt: at, toldUntil: NOW }));
    expect(kindsAndTimes(await missed(world))).toEqual([['message.created', -10_000]]);
  });

  test('asks for everything at once', async () => {
    const world = await peopledWorld();
    const after = { at: NOW, slackMs: 0 };
    const { rounds } = await measureRounds(world, (deps) =>
      missedBy(deps, { userId: anna, roomIds: [ROOM, OTHER_ROOM], after }),
    );
    expect(rounds).toEqual([
      ['messages.since', 'messages.since', 'notifications.since', 'rooms.participants', 'rooms.participants'],
    ]);
  });
});

describe('missedBy: more than the limit', () => {
  test('the oldest come, and the rest when asked for what lies beyond', async () => {
    const world = await peopledWorld();
    for (let n = 0; n < 7; n++) await say(world, NOW + n, n % 3 === 0 ? ROOM : OTHER_ROOM);
    const first = await missed(world, { limit: 5 });
    expect(first.complete).toBe(false);
    expect(kindsAndTimes(first).map(([, at]) => at)).toEqual([0, 1, 2, 3, 4]);
    const last = first.events.at(-1);
    const rest = await missed(world, {
      limit: 5,
      after: { at: last?.at ?? 0, slackMs: 0, beyond: last?.offset ?? '' },
    });
    expect(rest.complete).toBe(true);
    expect(kindsAndTimes(rest).map(([, at]) => at)).toEqual([5, 6]);
  });

  test('exactly the limit is complete', async () => {
    const world = await peopledWorld();
    for (let n = 0; n < 5; n++) await say(world, NOW + n);
    expect(await missed(world, { limit: 5 })).toMatchObject({ complete: true, events: { length: 5 } });
  });

  test('too many notifications: nothing from where some may be left out', async () => {
    const world = await peopledWorld();
    for (let n = 0; n < 3; n++) await notifyAnna(world, NOW + 10 + n);
    await say(world, NOW + 9);
    await say(world, NOW + 20);
    const found = await missed(world, { limit: 2 });
    expect(found.complete).toBe(false);
    expect(kindsAndTimes(found)).toEqual([
      ['message.created', 9],
      ['notification.created', 10],
    ]);
  });

  test('late notifications behind many that were told', async () => {
    const world = await peopledWorld();
    for (let n = 0; n < 9; n++) await notifyAnna(world, NOW - 100 + n);
    for (let n = 0; n < 5; n++) await notifyAnna(world, NOW - 50, NOW + n);
    await say(world, NOW + 9);
    const found = await missed(world, { limit: 6 });
    expect(found.complete).toBe(true);
    expect(kindsAndTimes(found).map(([, at]) => at)).toEqual([0, 1, 2, 3, 4, 9]);
  });

  test('messages that fill a read one by one come in several looks, each with an end', async () => {
    const world = await peopledWorld();
    for (let n = 0; n < 12; n++) await say(world, NOW + n);
    const since: World['messages']['since'] = (roomId, query) =>
      world.messages.since(roomId, { ...query, limit: 2 });
    const huge = { ...world, messages: { ...world.messages, since } };
    const seen: number[] = [];
    let after: MissedInput['after'] = { at: NOW, slackMs: 0 };
    let looks = 0;
    for (let complete = false; !complete; looks++) {
      const found = await missed(huge, { roomIds: [ROOM], after });
      const last = found.events.at(-1);
      seen.push(...kindsAndTimes(found).map(([, at]) => Number(at)));
      after = { at: last?.at ?? NOW, slackMs: 0, beyond: last?.offset ?? '' };
      complete = found.complete;
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => n));
    expect(looks).toBeGreaterThan(1);
  });

  test('a message of a first attempt long ago that was told only now', async () => {
    const world = await peopledWorld();
    const at = NOW - MINUTE;
    const id = messageId({ at, requestId: 'first attempt' }, ROOM);
    await world.messages.append(message({ id, createdAt: at, toldAt: NOW + 1 }));
    expect(kindsAndTimes(await missed(world))).toEqual([['message.created', 1]]);
  });

  test('a read that ended early without a row brings nothing, rather than something with a gap', async () => {
    const world = await peopledWorld();
    await say(world, NOW + 1);
    const messages = { ...world.messages, since: () => Promise.resolve({ found: [], complete: false }) };
    await notifyAnna(world, NOW + 2);
    expect(await missed({ ...world, messages })).toEqual({ events: [], complete: false });
  });

  test('page by page nothing is left out, doubled or out of order, whatever the sizes', async () => {
    const happenings = fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 20 }),
        what: fc.constantFrom('message', 'elsewhere', 'note', 'receipt'),
        name: fc.constantFrom('ben', 'zoe'),
      }),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(happenings, fc.integer({ min: 1, max: 6 }), async (list, limit) => {
        const world = await peopledWorld();
        for (const { at, what, name } of list) {
          if (what === 'message') await say(world, NOW + at);
          else if (what === 'elsewhere') await say(world, NOW + at, OTHER_ROOM);
          else if (what === 'note') await notifyAnna(world, NOW + at);
          else if (what === 'receipt')
            await seen(
              world,
              name,
              message({ id: messageId({ at: NOW + at, requestId: 'r' }, ROOM) }),
              NOW + at,
            );
        }
        const whole = await missed(world, { limit: 1_000 });
        const paged: string[] = [];
        let after: MissedInput['after'] = { at: NOW, slackMs: 0 };
        for (let pages = 0; ; pages++) {
          expect(pages).toBeLessThan(60);
          const page = await missed(world, { limit, after });
          paged.push(...page.events.map(({ offset }) => offset));
          const last = page.events.at(-1);
          if (page.complete) break;
          if (last === undefined) return;
          after = { at: last.at, slackMs: 0, beyond: last.offset };
        }
        expect(paged).toEqual(whole.events.map(({ offset }) => offset));
        expect(new Set(paged).size).toBe(paged.length);
      }),
      { numRuns: 60 },
    );
  });
});
