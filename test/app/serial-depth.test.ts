/** The calls of each use case, round by round: what runs in parallel stands in one row. What each may cost is in test/budgets.json. */
import { describe, expect, test } from 'vitest';

import { endSession } from '../../lambdas/app/close-session.ts';
import { getRoom } from '../../lambdas/app/get-room.ts';
import { handleCommand } from '../../lambdas/app/handle-command.ts';
import { listRooms } from '../../lambdas/app/list-rooms.ts';
import { login } from '../../lambdas/app/login.ts';
import { notify } from '../../lambdas/app/notify.ts';
import { openSession } from '../../lambdas/app/open-session.ts';
import { postMessage } from '../../lambdas/app/post-message.ts';
import { readNotification } from '../../lambdas/app/read-notification.ts';
import type { Command } from '../../lambdas/domain/commands.ts';
import type { ClientMessageId, Email } from '../../lambdas/domain/ids.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import { measureRounds } from '../support/fakes/rounds.ts';
import {
  actor,
  arrival,
  createWorld,
  HOUR,
  idAt,
  identity,
  live,
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
const POSTS = (count: number) => Array.from({ length: count }, () => 'gateway.post');
const RETRY = 'retry-1' as ClientMessageId;

async function liveWorld(): Promise<World> {
  const world = createWorld();
  await withLiveRoom(world, ['anna', 'ben', 'zoe']);
  return world;
}

async function roundsOf(world: World, command: Command): Promise<readonly (readonly string[])[]> {
  const { rounds } = await measureRounds(world, (deps) =>
    handleCommand(deps, { actor: anna, arrival: arrival(), command }),
  );
  return rounds;
}

describe('joining and leaving', () => {
  test('join: two rounds, none of them a post', async () => {
    expect(await roundsOf(await liveWorld(), { kind: 'room.join', roomId: ROOM })).toEqual([
      ['members.shards', 'rooms.participant'],
      ['members.add', 'sessions.addRoom'],
    ]);
  });

  test('leave: two rounds', async () => {
    expect(await roundsOf(await liveWorld(), { kind: 'room.leave', roomId: ROOM })).toEqual([
      ['sessions.get'],
      ['members.remove', 'sessions.removeRoom'],
    ]);
  });

  test('connect: one round, and one more for somebody who was not online', async () => {
    const { sessionId, connectionId } = session('anna');
    const input = {
      identity: identity('anna', { builtIn: false }),
      sessionId,
      connectionId,
      dialect: 'native',
      at: NOW,
    } as const;
    const first = createWorld();
    const { rounds } = await measureRounds(first, (deps) => openSession(deps, input));
    expect(rounds).toEqual([['sessions.admit', 'sessions.open', 'sessions.watch'], ['later.schedule']]);
  });

  test('connect of somebody who is online: one round', async () => {
    const world = await liveWorld();
    await world.sessions.admit({ id: anna.id, username: 'anna', createdAt: NOW }, 'create', NOW);
    const was = await world.presence.get(anna.id);
    if (was !== undefined) await world.presence.turn(was, { stage: 'arriving', at: NOW });
    const { sessionId, connectionId } = session('anna/2');
    const input = {
      identity: identity('anna'),
      sessionId,
      connectionId,
      dialect: 'native',
      at: NOW,
    } as const;
    const { rounds } = await measureRounds(world, (deps) => openSession(deps, input));
    expect(rounds).toEqual([['sessions.admit', 'sessions.open', 'sessions.watch']]);
  });

  test('disconnect: two rounds, one delete per room', async () => {
    const world = await liveWorld();
    await withLiveRoom(world, ['anna'], OTHER_ROOM);
    const { rounds } = await measureRounds(world, (deps) =>
      endSession(deps, { userId: anna.id, connectionId: anna.connectionId }, NOW),
    );
    expect(rounds).toEqual([
      ['sessions.close'],
      ['later.schedule', 'members.remove', 'members.remove', 'sessions.unwatch'],
    ]);
  });
});

describe('sending', () => {
  test('the first time on an instance: list, store, post', async () => {
    expect(await roundsOf(await liveWorld(), send())).toEqual([
      ['audience.inRoom', 'members.list'],
      ['messages.append'],
      POSTS(2),
    ]);
  });

  test('remembered: the store does not wait for the list', async () => {
    const world = await liveWorld();
    await roundsOf(world, send());
    expect(await roundsOf(world, send())).toEqual([
      ['audience.inRoom', 'members.list', 'messages.append'],
      POSTS(2),
    ]);
  });

  test('retryable: the claim comes between, and the note that all were told after the posts', async () => {
    const world = await liveWorld();
    expect(await roundsOf(world, send({ clientMessageId: RETRY }))).toEqual([
      ['audience.inRoom', 'members.list'],
      ['messages.claim'],
      ['messages.append'],
      POSTS(2),
      ['messages.told'],
    ]);
    expect(await roundsOf(world, send({ clientMessageId: RETRY }))).toEqual([
      ['audience.inRoom', 'members.list', 'messages.claim'],
      ['messages.append'],
      ['messages.get'],
    ]);
  });

  test('without having joined: one strong read more', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['ben']);
    await world.rooms.addParticipants(ROOM, [anna.id], NOW);
    expect(await roundsOf(world, send())).toEqual([
      ['audience.inRoom', 'members.list'],
      ['rooms.participant'],
      ['messages.append'],
      POSTS(1),
    ]);
  });

  test('refused: no write', async () => {
    expect(await roundsOf(createWorld(), send())).toEqual([
      ['audience.inRoom', 'members.list'],
      ['rooms.participant'],
    ]);
  });

  test('by REST: the right is read strongly, beside the list', async () => {
    const input = { sender: { id: anna.id, username: 'anna' }, arrival: arrival(), command: send() };
    const { rounds } = await measureRounds(await liveWorld(), (deps) => postMessage(deps, input));
    expect(rounds).toEqual([
      ['audience.inRoom', 'members.list', 'rooms.participant'],
      ['messages.append'],
      POSTS(3),
    ]);
  });

  test('to a crowd: as many posts at once as allowed, and the growth beside them', async () => {
    const world = createWorld();
    await withRoom(world, ['anna']);
    const count = FAN_OUT.membersPerShard + 20;
    for (let n = 0; n < count; n++) await world.members.add(live(`m${n}`), NOW + HOUR);
    const posts = (await roundsOf(world, send())).slice(3);
    expect(posts[0]).toEqual([...POSTS(FAN_OUT.concurrency), 'members.grow']);
    expect(posts.map((round) => round.length)).toEqual([51, ...Array.from({ length: 9 }, () => 50), 20]);
  });

  test('to a gone connection: its rows go while others are posted to', async () => {
    const world = await liveWorld();
    await withLiveRoom(world, ['ben'], OTHER_ROOM);
    world.gateway.answer(actor('ben').connectionId, 'gone');
    expect(await roundsOf(world, send())).toEqual([
      ['audience.inRoom', 'members.list'],
      ['messages.append'],
      POSTS(2),
      ['members.remove', 'sessions.close'],
      ['members.remove'],
    ]);
  });
});

describe('typing, reading, history, ping', () => {
  test('typing: list and posts, no write', async () => {
    expect(await roundsOf(await liveWorld(), { kind: 'typing.set', roomId: ROOM, isTyping: true })).toEqual([
      ['audience.inRoom', 'members.list'],
      POSTS(2),
    ]);
  });

  test('a receipt: one write beside the list, then posts; one that is not newer posts nothing', async () => {
    const world = await liveWorld();
    const read: Command = { kind: 'message.read', roomId: ROOM, messageId: idAt(1) };
    expect(await roundsOf(world, read)).toEqual([
      ['audience.inRoom', 'members.list', 'rooms.advanceReceipt'],
      POSTS(2),
    ]);
    expect(await roundsOf(world, read)).toEqual([
      ['audience.inRoom', 'members.list', 'rooms.advanceReceipt'],
      ['rooms.participant'],
    ]);
  });

  test('history: one round', async () => {
    expect(await roundsOf(await liveWorld(), { kind: 'history.read', roomId: ROOM, limit: 5 })).toEqual([
      ['messages.history', 'rooms.participant'],
    ]);
  });

  test('ping: none', async () => {
    expect(await roundsOf(createWorld(), { kind: 'ping' })).toEqual([]);
  });
});

describe('REST', () => {
  test('login: both counters before anything costly', async () => {
    const world = createWorld();
    await world.users.register(
      { id: anna.id, username: 'anna', email: 'a@x.com' as Email, createdAt: NOW },
      'hash(pw)',
    );
    const input = { email: 'a@x.com', password: 'pw', address: '192.0.2.1', at: NOW };
    const { rounds } = await measureRounds(world, (deps) => login(deps, input));
    expect(rounds).toEqual([
      ['throttle.hit', 'throttle.hit'],
      ['users.account'],
      ['hasher.verify'],
      ['users.get'],
    ]);
  });

  test('login of an unknown address works as long as that of a wrong password', async () => {
    const input = { email: 'a@x.com', password: 'pw', address: '192.0.2.1', at: NOW };
    const { rounds } = await measureRounds(createWorld(), (deps) => login(deps, input));
    expect(rounds).toEqual([['throttle.hit', 'throttle.hit'], ['users.account'], ['hasher.verify']]);
  });

  test('the list of rooms: three rounds however many there are', async () => {
    const world = createWorld();
    for (const room of [ROOM, OTHER_ROOM]) {
      await withRoom(world, ['anna'], room);
      await world.messages.append(message({ roomId: room, id: idAt(0, room) }));
    }
    const { rounds } = await measureRounds(world, (deps) => listRooms(deps, { userId: anna.id }));
    expect(rounds).toEqual([
      ['rooms.roomsOf'],
      ['messages.history', 'messages.history', 'rooms.getMany', 'rooms.participant', 'rooms.participant'],
      ['messages.countAfter', 'messages.countAfter'],
    ]);
  });

  test('a room: three rounds', async () => {
    const { rounds } = await measureRounds(await liveWorld(), (deps) =>
      getRoom(deps, { roomId: ROOM, userId: anna.id }),
    );
    expect(rounds).toEqual([
      ['rooms.get', 'rooms.participant'],
      ['messages.countAfter', 'messages.history', 'rooms.participants'],
      ['users.getMany'],
    ]);
  });

  test('notifications: stored beside the look for connections, pushed after', async () => {
    const world = await liveWorld();
    const input = { caller: { role: 'service' }, userId: userId('ben'), payload: {}, arrival: arrival() };
    const notified = await measureRounds(world, (deps) => notify(deps, input));
    expect(notified.rounds).toEqual([['audience.ofUser', 'notifications.add', 'sessions.ofUser'], POSTS(1)]);
    const { id } = (await world.notifications.list(userId('ben'), { limit: 1, unreadOnly: true }))
      .notifications[0]!;
    const read = await measureRounds(world, (deps) =>
      readNotification(deps, { userId: userId('ben'), id, at: NOW }),
    );
    expect(read.rounds).toEqual([['audience.ofUser', 'notifications.markRead', 'sessions.ofUser'], POSTS(1)]);
  });
});
