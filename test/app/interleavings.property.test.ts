/** What must hold in whatever order the calls of concurrent use cases happen. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { closeSession } from '../../lambdas/app/close-session.ts';
import { fanOut } from '../../lambdas/app/fan-out.ts';
import { joinRoom } from '../../lambdas/app/join-room.ts';
import { leaveRoom } from '../../lambdas/app/leave-room.ts';
import { markRead } from '../../lambdas/app/mark-read.ts';
import { postMessage } from '../../lambdas/app/post-message.ts';
import { removeParticipant } from '../../lambdas/app/remove-participant.ts';
import { sendMessage } from '../../lambdas/app/send-message.ts';
import type { Message } from '../../lambdas/domain/entities.ts';
import type { ClientMessageId, RoomId } from '../../lambdas/domain/ids.ts';
import { UNAVAILABLE } from '../support/fakes/failing.ts';
import { wrapRemotePorts } from '../support/fakes/ports.ts';
import { scheduled } from '../support/fakes/scheduled.ts';
import {
  actor,
  arrival,
  createWorld,
  HOUR,
  idAt,
  liveIn,
  NOW,
  OTHER_ROOM,
  ROOM,
  send,
  session,
  storedIn,
  userId,
  withLiveRoom,
  withRoom,
  type World,
} from '../support/fakes/world.ts';

const RETRY = 'retry-1' as ClientMessageId;
const OTHERS = ['ben', 'zoe'].map((name) => actor(name).connectionId);

/** Attempts of one send: from either of anna's connections, or by REST. */
type Door = 'anna' | 'anna/2' | 'rest';
const doors = fc.array(fc.constantFrom<Door>('anna', 'anna/2', 'rest'), { minLength: 2, maxLength: 5 });

async function attempt(world: World, door: Door, content: string): Promise<Message> {
  const command = send({ clientMessageId: RETRY, content });
  const arrived = arrival();
  if (door === 'rest') {
    return postMessage(world, {
      sender: { id: userId('anna'), username: 'anna' },
      arrival: arrived,
      command,
    });
  }
  return (await sendMessage(world, { actor: actor(door), arrival: arrived, command })).message;
}

async function liveWorld(remembered: boolean): Promise<World> {
  const world = createWorld();
  await withLiveRoom(world, ['anna', 'anna/2', 'ben', 'zoe']);
  if (remembered)
    for (const name of ['anna', 'anna/2']) world.memo.remember(actor(name).connectionId, ROOM, NOW);
  return world;
}

const postsTo = (world: World, connection: string) =>
  world.gateway.posts.filter(({ connectionId }) => connectionId === connection);

describe('concurrent attempts with one clientMessageId', () => {
  test('store one message, post it once to every other person, and all get it as the answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), doors, fc.boolean(), async (scheduler, attempts, remembered) => {
        const world = await liveWorld(remembered);
        const racing = scheduled(scheduler, world, 'effects');
        const all = Promise.all(attempts.map((door, n) => attempt(racing, door, `text ${n}`)));
        const answers = await scheduler.waitFor(all);

        const stored = await storedIn(world);
        expect(stored).toHaveLength(1);
        for (const answer of answers) expect(answer).toEqual(stored[0]);
        for (const other of OTHERS) expect(postsTo(world, other)).toHaveLength(1);
      }),
    );
  });

  test('never store or post twice when calls fail or their answers are lost', async () => {
    const failures = fc.infiniteStream(fc.constantFrom('none', 'none', 'before', 'after'));
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), doors, failures, async (scheduler, attempts, fates) => {
        const world = await liveWorld(false);
        const unreliable = wrapRemotePorts(world, async (call) => {
          const fate = fates.next().value as string;
          if (fate === 'before') throw UNAVAILABLE;
          const answer = await call.run();
          if (fate === 'after') throw UNAVAILABLE;
          return answer;
        });
        const racing = scheduled(scheduler, unreliable, 'effects');
        await scheduler.waitFor(
          Promise.allSettled(attempts.map((door, n) => attempt(racing, door, `text ${n}`))),
        );

        expect((await storedIn(world)).length).toBeLessThanOrEqual(1);
        for (const other of OTHERS) expect(postsTo(world, other).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test('no message is delivered before it is stored, however it was sent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), doors, fc.boolean(), async (scheduler, attempts, remembered) => {
      const world = await liveWorld(remembered);
      const early: string[] = [];
      const racing = scheduled(scheduler, watchPosts(world, early), 'effects');
      const sends = attempts.map((door, n) =>
        door === 'rest'
          ? attempt(racing, door, 'x')
          : sendMessage(racing, {
              actor: actor(door),
              arrival: arrival(),
              command: send({ content: `${n}` }),
            }),
      );
      await scheduler.waitFor(Promise.all<unknown>(sends));
      expect(early).toEqual([]);
    }),
  );
});

function watchPosts(world: World, early: string[]): World {
  const post: World['gateway']['post'] = async (to, frame) => {
    const { message } = JSON.parse(frame) as { message: Message };
    if ((await world.messages.get(ROOM, message.id)) === undefined) early.push(message.id);
    return world.gateway.post(to, frame);
  };
  return { ...world, gateway: { ...world.gateway, post } };
}

test('receipts only move forward, and end at the newest, in any order', async () => {
  const reads = fc.array(fc.nat(20), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), reads, async (scheduler, minutes) => {
      const world = createWorld();
      await withLiveRoom(world, ['anna', 'ben']);
      const seen: string[] = [];
      const advanceReceipt: World['rooms']['advanceReceipt'] = async (receipt) => {
        const outcome = await world.rooms.advanceReceipt(receipt);
        seen.push((await world.rooms.participant(ROOM, userId('anna'), 'strong'))?.lastReadMessageId ?? '');
        return outcome;
      };
      const racing = scheduled(scheduler, { ...world, rooms: { ...world.rooms, advanceReceipt } }, 'effects');
      const events = await scheduler.waitFor(
        Promise.all(
          minutes.map((n) =>
            markRead(racing, {
              userId: userId('anna'),
              at: NOW,
              command: { kind: 'message.read', roomId: ROOM, messageId: idAt(n) },
            }),
          ),
        ),
      );

      expect(seen).toEqual(seen.toSorted());
      expect(seen.at(-1)).toBe(idAt(Math.max(...minutes)));
      // Nobody is told of a receipt that is behind the one asked for.
      for (const [n, event] of events.entries()) expect(event.messageId >= idAt(minutes[n]!)).toBe(true);
    }),
  );
});

describe('a participant who is being removed', () => {
  test('leaves no message of a refused send, and none at all of a send begun afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.nat(4), fc.boolean(), async (scheduler, sends, remembered) => {
        const world = await liveWorld(remembered);
        const racing = scheduled(scheduler, world, 'effects');
        const removal = { roomId: ROOM, caller: { userId: userId('anna') }, userId: userId('anna'), at: NOW };
        const sending = (content: string) =>
          sendMessage(racing, { actor: actor('anna'), arrival: arrival(), command: send({ content }) });
        const during = Array.from({ length: sends }, (_, n) => sending(`during ${n}`));
        const after = removeParticipant(racing, removal).then(() => sending('after'));
        const [last, ...outcomes] = await scheduler.waitFor(Promise.allSettled([after, ...during]));

        expect(last).toMatchObject({ status: 'rejected', reason: { code: 'not_participant' } });
        const accepted = outcomes.flatMap((outcome) =>
          outcome.status === 'fulfilled' ? outcome.value.message.id : [],
        );
        expect((await storedIn(world)).map(({ id }) => id).toSorted()).toEqual(accepted.toSorted());
        const delivered = world.gateway.posts
          .map(({ frame }) => JSON.parse(frame) as { message?: Message })
          .flatMap(({ message }) => message?.id ?? []);
        expect(new Set(delivered)).toEqual(new Set(accepted));
      }),
    );
  });
});

describe('joins, leaves and a disconnect of one connection', () => {
  const anna = actor('anna');
  const key = { userId: anna.id, connectionId: anna.connectionId };
  const steps = fc.array(
    fc.tuple(fc.constantFrom('join', 'leave', 'grow'), fc.constantFrom(ROOM, OTHER_ROOM)),
    {
      minLength: 1,
      maxLength: 6,
    },
  );

  async function connected(): Promise<World> {
    const world = createWorld();
    for (const roomId of [ROOM, OTHER_ROOM]) await withRoom(world, ['anna'], roomId);
    await world.sessions.open(session('anna'), NOW + HOUR);
    return world;
  }
  async function take(world: World, step: string, roomId: RoomId): Promise<void> {
    if (step === 'join') await joinRoom(world, { actor: anna, roomId, at: NOW });
    else if (step === 'leave') await leaveRoom(world, { actor: anna, roomId });
    else await world.members.grow(roomId, 1, 64);
  }

  test('leave no live row without a session when calls take effect in the order they are made', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, async (scheduler, taken) => {
        const world = await connected();
        const racing = scheduled(scheduler, world, 'answers');
        const all = [...taken.map(([step, roomId]) => take(racing, step, roomId)), closeSession(racing, key)];
        await scheduler.waitFor(Promise.allSettled(all));

        expect(await world.sessions.get(key)).toBeUndefined();
        for (const roomId of [ROOM, OTHER_ROOM]) expect(await liveIn(world, roomId)).toEqual([]);
      }),
    );
  });

  test('in any order at all leave nothing that the next events in the rooms do not clear away', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, async (scheduler, taken) => {
        const world = await connected();
        const racing = scheduled(scheduler, world, 'effects');
        const all = [...taken.map(([step, roomId]) => take(racing, step, roomId)), closeSession(racing, key)];
        await scheduler.waitFor(Promise.allSettled(all));
        world.gateway.answer(anna.connectionId, 'gone');

        expect(await world.sessions.get(key)).toBeUndefined();
        for (const roomId of [ROOM, OTHER_ROOM]) {
          // Twice: a connection that joined before and after a growth may have two rows, and each event finds one.
          for (let n = 0; n < 2; n++) {
            const { members } = await world.members.list(roomId, NOW);
            const event = { kind: 'room.left', roomId, userId: userId('ben') } as const;
            await fanOut(world, { event, to: members, at: NOW });
          }
          expect(await liveIn(world, roomId)).toEqual([]);
        }
      }),
    );
  });
});
