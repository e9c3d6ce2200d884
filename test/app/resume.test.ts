import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { markRead } from '../../lambdas/app/mark-read.ts';
import { notify } from '../../lambdas/app/notify.ts';
import { resume, type Resumed } from '../../lambdas/app/resume.ts';
import { sendMessage } from '../../lambdas/app/send-message.ts';
import type { ResumeCommand } from '../../lambdas/domain/commands.ts';
import type { ConnectionId, RoomId } from '../../lambdas/domain/ids.ts';
import { messageId } from '../../lambdas/domain/message-id.ts';
import { offsetAt, offsetOf } from '../../lambdas/domain/offset.ts';
import type { ResumePoint } from '../../lambdas/domain/resume-point.ts';
import { CHAT, RESUME } from '../../lambdas/manifest/limits.ts';
import { failing } from '../support/fakes/failing.ts';
import { measureRounds } from '../support/fakes/rounds.ts';
import { scheduled } from '../support/fakes/scheduled.ts';
import {
  actor,
  arrival,
  createWorld,
  HOUR,
  liveIn,
  message,
  NOW,
  OTHER_ROOM,
  ROOM,
  send,
  session,
  userId,
  withLiveRoom,
  withRoom,
  type World,
} from '../support/fakes/world.ts';

const anna = actor('anna');
const after = (at: number): ResumePoint => ({ kind: 'offset', at });

/** Anna has just connected anew; ben is live in both rooms. */
async function returning(): Promise<World> {
  const world = createWorld();
  await withLiveRoom(world, ['ben']);
  await withLiveRoom(world, ['ben'], OTHER_ROOM);
  await withRoom(world, ['anna', 'ben']);
  await withRoom(world, ['anna', 'ben'], OTHER_ROOM);
  await world.sessions.open(session('anna'), NOW + HOUR);
  return world;
}

function resuming(over: Partial<ResumeCommand> = {}, at = NOW) {
  const command: ResumeCommand = { kind: 'session.resume', roomIds: [ROOM, OTHER_ROOM], ...over };
  return { actor: anna, command, at };
}

let requests = 0;
async function stored(world: World, at: number, roomId: RoomId = ROOM) {
  const said = message({
    id: messageId({ at, requestId: `m-${requests++}` }, roomId),
    roomId,
    createdAt: at,
  });
  await world.messages.append(said);
  return said;
}

const told = ({ events }: Resumed) => events.map(({ event }) => event);

describe('resuming', () => {
  test('joins the rooms and tells what was missed, and from where to go on', async () => {
    const world = await returning();
    const [one, two] = [await stored(world, NOW - 20), await stored(world, NOW - 10, OTHER_ROOM)];
    const answer = await resume(world, resuming({ after: after(NOW - 30) }));
    expect(answer).toMatchObject({
      kind: 'resumed',
      recovered: true,
      complete: true,
      rooms: [{ roomId: ROOM }, { roomId: OTHER_ROOM }],
      offset: offsetAt(NOW),
      began: NOW,
    });
    expect(told(answer)).toEqual([
      { kind: 'message.created', message: one },
      { kind: 'message.created', message: two },
    ]);
    expect(await liveIn(world)).toContain(anna.connectionId);
    expect(await liveIn(world, OTHER_ROOM)).toContain(anna.connectionId);
  });

  test('what happened a little before comes again: it may have been told late', async () => {
    const world = await returning();
    await stored(world, NOW - RESUME.slackMs - 31);
    const known = await stored(world, NOW - RESUME.slackMs - 30);
    const answer = await resume(world, resuming({ after: after(NOW - 30) }));
    expect(told(answer)).toEqual([{ kind: 'message.created', message: known }]);
  });

  test('without an offset it joins, tells nothing and says from where to resume later', async () => {
    const world = await returning();
    await stored(world, NOW - 10);
    const answer = await resume(world, resuming({ roomIds: [ROOM, ROOM] }));
    expect(answer).toEqual({
      kind: 'resumed',
      recovered: false,
      rooms: [{ roomId: ROOM }],
      events: [],
      complete: true,
      offset: offsetAt(NOW),
      began: NOW,
    });
  });

  test('after more than a day it joins, and the history is the remedy', async () => {
    const world = await returning();
    await stored(world, NOW - 10);
    const gone = resuming({ after: after(NOW - RESUME.windowMs - 1) });
    expect(await resume(world, gone)).toMatchObject({ recovered: false, events: [] });
    expect(await liveIn(world)).toContain(anna.connectionId);
    const justInTime = resuming({ after: after(NOW - RESUME.windowMs) });
    expect(await resume(world, justInTime)).toMatchObject({ recovered: true, events: [{}] });
  });

  test('an offset from the future is one of now', async () => {
    const world = await returning();
    const said = await stored(world, NOW - 1);
    const answer = await resume(world, resuming({ after: after(NOW + HOUR) }));
    expect(told(answer)).toEqual([{ kind: 'message.created', message: said }]);
  });

  test('a room one is not in says so, tells nothing and hinders no other', async () => {
    const world = await returning();
    const secret = 'room-secret' as RoomId;
    await withRoom(world, ['ben'], secret);
    await stored(world, NOW - 10, secret);
    const mine = await stored(world, NOW - 9);
    for (const point of [after(NOW - 30), { kind: 'again', began: NOW - 5 }] as const) {
      const answer = await resume(world, resuming({ roomIds: [secret, ROOM], after: point }));
      expect(answer.rooms).toEqual([{ roomId: secret, refused: 'not_participant' }, { roomId: ROOM }]);
      expect(told(answer)).toEqual([{ kind: 'message.created', message: mine }]);
    }
    expect(await liveIn(world, secret)).toEqual([]);
  });

  test('beyond the limit of rooms it says which', async () => {
    const world = await returning();
    const key = { userId: anna.id, connectionId: anna.connectionId };
    for (let n = 0; n < CHAT.roomsPerSession; n++)
      await world.sessions.addRoom(key, { roomId: `r${n}` as RoomId, shard: 0 });
    const answer = await resume(world, resuming({ roomIds: [ROOM] }));
    expect(answer.rooms).toEqual([{ roomId: ROOM, refused: 'forbidden' }]);
  });

  test.each(['rooms.participant', 'messages.since', 'notifications.since', 'members.add'])(
    'is refused as a whole when %s fails: a client that was told half would go on from there',
    async (call) => {
      const world = await returning();
      const attempt = resume(failing(world, [call]), resuming({ after: after(NOW - 30) }));
      await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
    },
  );

  test('a fault of ours is no answer about a room', async () => {
    const world = await returning();
    const rooms = { ...world.rooms, participant: () => Promise.reject(new TypeError('a fault')) };
    await expect(resume({ ...world, rooms }, resuming())).rejects.toThrow('a fault');
  });

  test('takes three rounds; a second look two, and no writes', async () => {
    const world = await returning();
    const first = resuming({ roomIds: [ROOM], after: after(NOW - 30) });
    expect((await measureRounds(world, (deps) => resume(deps, first))).rounds).toEqual([
      ['members.shards', 'rooms.participant'],
      ['members.add', 'sessions.addRoom'],
      ['messages.since', 'notifications.since', 'rooms.participants'],
    ]);
    const again = resuming({ roomIds: [ROOM], after: { kind: 'again', began: NOW } });
    expect((await measureRounds(world, (deps) => resume(deps, again))).rounds).toEqual([
      ['rooms.participant'],
      ['messages.since', 'notifications.since', 'rooms.participants'],
    ]);
  });
});

test('the first look waits a moment after joining; later ones do not', async () => {
  const world = await returning();
  const waited: unknown[] = [];
  const pause = async (milliseconds: number) => {
    waited.push([milliseconds, await liveIn(world), (await stored(world, NOW)).createdAt]);
  };
  const answer = await resume({ ...world, pause }, resuming({ after: after(NOW - 30) }));
  expect(waited).toEqual([[RESUME.settleMs, [anna.connectionId, actor('ben').connectionId], NOW]]);
  expect(answer.events).toHaveLength(1);
  await resume({ ...world, pause }, resuming({ after: { kind: 'again', began: NOW } }));
  await resume({ ...world, pause }, resuming());
  expect(waited).toHaveLength(1);
});

describe('resuming page by page', () => {
  test('goes on exactly where the last answer ended, and then looks again', async () => {
    const world = await returning();
    const count = RESUME.page + 3;
    for (let n = 0; n < count; n++) await stored(world, NOW - count + n);
    const first = await resume(world, resuming({ after: after(NOW - HOUR) }));
    expect(first).toMatchObject({ recovered: true, complete: false, events: { length: RESUME.page } });
    const offset = first.events.at(-1)?.offset ?? '';
    const at = NOW - count + RESUME.page - 1;
    const page: ResumePoint = { kind: 'page', at, offset, began: NOW };
    const second = await resume(world, resuming({ after: page }, NOW + 100));
    expect(second).toMatchObject({ recovered: true, complete: true, began: NOW, events: { length: 3 } });
    expect(await resume(world, resuming({ after: { kind: 'again', began: NOW } }))).not.toHaveProperty(
      'began',
    );
  });

  test('more notifications at once than any page holds: the client reads the lists', async () => {
    const world = await returning();
    for (let n = 0; n <= RESUME.page; n++)
      await notify(world, {
        caller: { role: 'service' },
        userId: anna.id,
        payload: { n },
        arrival: { at: NOW - HOUR / 40, requestId: `flood-${n}` },
      });
    const answer = await resume(world, resuming({ after: after(NOW - 1) }));
    expect(answer).toMatchObject({ recovered: false, complete: true, events: [] });
  });
});

describe('resuming while others act', () => {
  /** What anna's connection was pushed, and what her answers held: offsets. */
  function heard(world: World, connectionId: ConnectionId, answers: readonly Resumed[]): Set<string> {
    const pushed = world.gateway.posts
      .filter((post) => post.connectionId === connectionId)
      .map(({ frame }) => offsetOf(JSON.parse(frame) as never) ?? '');
    return new Set([...pushed, ...answers.flatMap(({ events }) => events.map(({ offset }) => offset))]);
  }

  const doings = fc.array(fc.constantFrom('send', 'send from memory', 'read', 'notify'), {
    minLength: 1,
    maxLength: 4,
  });

  test('everything is told, in the answer, by a push or at the second look', async () => {
    let needed = 0;
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), doings, fc.boolean(), async (scheduler, list, effects) => {
        const world = await returning();
        const old = await stored(world, NOW - HOUR);
        const racing = scheduled(scheduler, world, effects ? 'effects' : 'answers');
        const ben = actor('ben');
        const acts = list.map((doing) => {
          const arrived = arrival();
          if (doing === 'read') {
            const command = { kind: 'message.read', roomId: ROOM, messageId: old.id } as const;
            return markRead(racing, { userId: ben.id, command, at: NOW, connectionId: ben.connectionId });
          }
          if (doing === 'notify')
            return notify(racing, {
              caller: { role: 'service' },
              userId: anna.id,
              payload: {},
              arrival: arrived,
            }).then((notification) => ({ kind: 'notification.created' as const, notification }));
          if (doing === 'send from memory') world.memo.remember(ben.connectionId, ROOM, NOW);
          return sendMessage(racing, { actor: ben, arrival: arrived, command: send() });
        });
        const coming = resume(racing, resuming({ after: after(NOW - 30) }));
        const [answer, ...happened] = await scheduler.waitFor(Promise.all([coming, ...acts]));
        const expected = happened.map((event) => offsetOf(event) ?? '');
        const first = heard(world, anna.connectionId, [answer]);
        if (expected.some((offset) => !first.has(offset))) needed += 1;
        const again = await resume(world, resuming({ after: { kind: 'again', began: NOW } }));
        expect([...heard(world, anna.connectionId, [answer, again])]).toEqual(
          expect.arrayContaining(expected),
        );
      }),
      { numRuns: 500, seed: 14 },
    );
    // Else the second look would be for nothing.
    expect(needed).toBeGreaterThan(0);
  });

  test('nobody else hears of it', async () => {
    const world = await returning();
    await resume(world, resuming({ after: after(NOW - 30) }));
    expect(world.gateway.posts).toEqual([]);
    expect(await world.rooms.participant(ROOM, userId('anna'), 'strong')).not.toHaveProperty('lastReadAt');
  });
});
