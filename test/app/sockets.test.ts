/** What happens to everybody happens to Socket.IO sockets too. */
import { describe, expect, test } from 'vitest';

import { announcePresence } from '../../lambdas/app/announce-presence.ts';
import { ensureLobby } from '../../lambdas/app/ensure-lobby.ts';
import { markRead } from '../../lambdas/app/mark-read.ts';
import { notify } from '../../lambdas/app/notify.ts';
import { postMessage } from '../../lambdas/app/post-message.ts';
import { readNotification } from '../../lambdas/app/read-notification.ts';
import { removeParticipant } from '../../lambdas/app/remove-participant.ts';
import { sendMessage, type Author } from '../../lambdas/app/send-message.ts';
import { setTyping } from '../../lambdas/app/set-typing.ts';
import type { ClientMessageId, ConnectionId, RoomId } from '../../lambdas/domain/ids.ts';
import { PRESENCE } from '../../lambdas/manifest/limits.ts';
import { createFakeAudience, type FakeSocket } from '../support/fakes/fake-audience.ts';
import { measureRounds } from '../support/fakes/rounds.ts';
import {
  actor,
  arrival,
  createWorld,
  HOUR,
  idAt,
  live,
  NOW,
  OTHER_ROOM,
  ROOM,
  send,
  storedIn,
  userId,
  withLiveRoom,
  withRoom,
} from '../support/fakes/world.ts';

const anna = userId('anna');
/** A Socket.IO socket acts without a connection of the native API. */
const socketOf = (name: string): Author => ({
  id: userId(name),
  username: name,
  connectionId: `socket-${name}` as ConnectionId,
});
const socket = (name: string, rooms: readonly RoomId[] = [ROOM]): FakeSocket => ({
  id: `socket-${name}`,
  userId: userId(name.split('/')[0] ?? name),
  rooms,
});

/** Ben has a connection, Anna and Zoe have sockets, Anna two. */
async function mixed(sockets = [socket('anna'), socket('anna/2'), socket('zoe')]) {
  const audience = createFakeAudience(sockets);
  const world = { ...createWorld(), audience };
  await withLiveRoom(world, ['ben']);
  await world.rooms.addParticipants(ROOM, [anna, userId('zoe')], NOW);
  const told = () => audience.heard.map(({ socket, event }) => `${socket} ${event.kind}`);
  return { world, audience, told };
}

describe('a socket', () => {
  test('sends: stored, then told to connections and to the other sockets, its own user included', async () => {
    const { world, told } = await mixed();
    const event = await sendMessage(world, {
      actor: socketOf('anna'),
      arrival: arrival(),
      command: send(),
      proven: true,
    });
    expect(await storedIn(world)).toEqual([event.message]);
    expect(world.gateway.reached()).toEqual(['conn-ben=']);
    expect(told()).toEqual(['socket-anna/2 message.created', 'socket-zoe message.created']);
  });

  test('that proves its right by its session costs no look: (lists ∥ append), then posts', async () => {
    const { world } = await mixed();
    const input = { actor: socketOf('anna'), arrival: arrival(), proven: true } as const;
    const sent = await measureRounds(world, (deps) => sendMessage(deps, { ...input, command: send() }));
    expect(sent.rounds).toEqual([['audience.inRoom', 'members.list', 'messages.append'], ['gateway.post']]);
    const retryable = send({ clientMessageId: 'retry' as ClientMessageId });
    const claimed = await measureRounds(world, (deps) => sendMessage(deps, { ...input, command: retryable }));
    expect(claimed.rounds.slice(0, 2)).toEqual([
      ['audience.inRoom', 'members.list', 'messages.claim'],
      ['messages.append'],
    ]);
    const typing = { ...input, roomId: ROOM, isTyping: true, at: NOW };
    const typed = await measureRounds(world, (deps) => setTyping(deps, typing));
    expect(typed.rounds).toEqual([['audience.inRoom', 'members.list'], ['gateway.post']]);
  });

  test('without that proof is looked up, strongly, and refused where it has no right', async () => {
    const { world, told } = await mixed();
    const command = send();
    await sendMessage(world, { actor: socketOf('anna'), arrival: arrival(), command });
    expect(await storedIn(world)).toHaveLength(1);
    const stranger = { actor: socketOf('mallory'), arrival: arrival(), command };
    await expect(sendMessage(world, stranger)).rejects.toMatchObject({ code: 'not_participant' });
    const typing = { actor: socketOf('mallory'), roomId: ROOM, isTyping: true, at: NOW };
    await expect(setTyping(world, typing)).rejects.toMatchObject({ code: 'not_participant' });
    expect(await storedIn(world)).toHaveLength(1);
    expect(told()).toHaveLength(2);
  });

  test('hears typing and receipts of others, and not its own', async () => {
    const { world, told } = await mixed();
    await setTyping(world, { actor: actor('ben'), roomId: ROOM, isTyping: true, at: NOW });
    expect(told()).toHaveLength(3);
    const command = { kind: 'message.read', roomId: ROOM, messageId: idAt(1) } as const;
    await markRead(world, {
      userId: anna,
      command,
      at: NOW,
      connectionId: socketOf('anna').connectionId,
    });
    expect(told().slice(3)).toEqual(['socket-anna/2 message.read', 'socket-zoe message.read']);
  });

  test('hears what REST sends, its own user included; a repeat is told to nobody', async () => {
    const { world, told } = await mixed();
    const input = { sender: { id: anna, username: 'anna' }, arrival: arrival(), command: send() };
    await postMessage(world, input);
    await postMessage(world, input);
    expect(told()).toHaveLength(3);
  });
});

describe('notifications', () => {
  test('reach all sockets of their user; that one was read reaches the others', async () => {
    const { world, told } = await mixed();
    const { id } = await notify(world, {
      caller: { role: 'service' },
      userId: anna,
      payload: {},
      arrival: arrival(),
    });
    expect(told()).toEqual(['socket-anna notification.created', 'socket-anna/2 notification.created']);
    const reading = { userId: anna, id, connectionId: socketOf('anna').connectionId };
    await readNotification(world, { ...reading, at: NOW + 1 });
    await readNotification(world, { ...reading, at: NOW + 2 });
    expect(told().slice(2)).toEqual(['socket-anna/2 notification.read']);
  });
});

describe('removing a participant', () => {
  const removal = { roomId: ROOM, caller: { userId: userId('ben') }, userId: anna, at: NOW };

  test('takes their sockets out of the room, once told', async () => {
    const { world, told, audience } = await mixed();
    await removeParticipant(world, removal);
    expect(told()).toEqual(['socket-anna room.left', 'socket-anna/2 room.left']);
    expect((await audience.inRoom(ROOM, NOW)).size).toBe(1);
  });

  test('repeated, finishes what a failure left of their sockets', async () => {
    const { world, told } = await mixed();
    await world.rooms.removeParticipant(ROOM, anna);
    await removeParticipant(world, removal);
    expect(told()).toHaveLength(2);
    await expect(removeParticipant(world, removal)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('presence', () => {
  const event = { userId: anna, username: 'anna', isOnline: false, at: NOW };
  const gone = { ...event, now: NOW };

  test('is told once to everybody who shares a room, however many they share', async () => {
    const both = [ROOM, OTHER_ROOM];
    const { world, audience, told } = await mixed([
      socket('anna', both),
      socket('zoe', both),
      socket('stranger', []),
    ]);
    await withLiveRoom(world, ['anna', 'ben'], OTHER_ROOM);
    await announcePresence(world, { ...gone, isOnline: true });
    expect(told()).toEqual(['socket-zoe presence.changed']);
    expect(audience.heard[0]?.event).toEqual({ kind: 'presence.changed', ...event, isOnline: true });
    expect(world.gateway.reached()).toEqual(['conn-ben=']);
  });

  test('looks at the rooms beside one another, and at no more than so many', async () => {
    const { world } = await mixed([]);
    await world.members.add(live('ben'), NOW + HOUR);
    for (let n = 0; n < PRESENCE.rooms; n++) await withRoom(world, ['anna'], `room-x${n}` as RoomId);
    const { rounds } = await measureRounds(world, (deps) => announcePresence(deps, gone));
    const lists = rounds.flat().filter((call) => call === 'members.few');
    expect(lists).toHaveLength(PRESENCE.rooms);
    expect(Math.max(...rounds.map((round) => round.length))).toBe(2 * PRESENCE.concurrency);
    expect(world.log.at('warn')).toEqual(['presence was not told in all rooms']);
  });

  test('is told to nobody in a room with more than so many, connections and sockets together', async () => {
    const { world, told } = await mixed([socket('zoe', [ROOM]), socket('mia', [ROOM])]);
    await announcePresence({ ...world, roomLimit: 3 }, gone);
    expect(told()).toEqual(['socket-zoe presence.changed', 'socket-mia presence.changed']);
    const crowded = await mixed([socket('zoe', [ROOM]), socket('mia', [ROOM])]);
    await announcePresence({ ...crowded.world, roomLimit: 2 }, gone);
    expect(crowded.told()).toEqual([]);
    expect(crowded.world.gateway.posts).toEqual([]);
  });

  test('is told to no more than so many, room by room', async () => {
    const world = createWorld();
    const perRoom = PRESENCE.recipients / 4 + 1;
    for (let room = 0; room < 4; room++) {
      const roomId = `room-y${room}` as RoomId;
      await withRoom(world, ['anna'], roomId);
      for (let n = 0; n < perRoom; n++)
        await world.members.add(live(`guest${room}-${n}`, { roomId }), NOW + HOUR);
    }
    await announcePresence({ ...world, roomLimit: 1_000 }, gone);
    expect(world.gateway.posts).toHaveLength(3 * perRoom);
  });

  test('of somebody in no room is told to nobody', async () => {
    const { world, told } = await mixed();
    await announcePresence(world, { ...gone, userId: userId('loner') });
    expect(told()).toEqual([]);
    expect(world.gateway.posts).toEqual([]);
  });
});

describe('the lobby', () => {
  const lobby = 'lobby' as RoomId;

  test('is made with its first user, and is nobody’s', async () => {
    const world = createWorld();
    await ensureLobby(world, { userId: anna, lobby, at: NOW });
    await ensureLobby(world, { userId: userId('ben'), lobby, at: NOW + 1 });
    await ensureLobby(world, { userId: anna, lobby, at: NOW + 2 });
    const participants = await world.rooms.participants(lobby);
    expect(participants.map(({ userId, joinedAt }) => [userId, joinedAt])).toEqual([
      [anna, NOW],
      [userId('ben'), NOW + 1],
    ]);
    const removal = { roomId: lobby, caller: { userId: anna }, userId: userId('ben'), at: NOW };
    await expect(removeParticipant(world, removal)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('costs one read for who is in', async () => {
    const world = createWorld();
    await ensureLobby(world, { userId: anna, lobby, at: NOW });
    const { rounds } = await measureRounds(world, (deps) =>
      ensureLobby(deps, { userId: anna, lobby, at: NOW }),
    );
    expect(rounds).toEqual([['rooms.participant']]);
  });
});
