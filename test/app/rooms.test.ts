import { describe, expect, test } from 'vitest';

import { addParticipants } from '../../lambdas/app/add-participants.ts';
import { createRoom } from '../../lambdas/app/create-room.ts';
import { getRoom } from '../../lambdas/app/get-room.ts';
import { listRooms } from '../../lambdas/app/list-rooms.ts';
import type { RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { ROOM_LIST } from '../../lambdas/manifest/limits.ts';
import { wrapRemotePorts } from '../support/fakes/ports.ts';
import {
  createWorld,
  idAt,
  identity,
  message,
  NOW,
  OTHER_ROOM,
  ROOM,
  userId,
  withRoom,
  type World,
} from '../support/fakes/world.ts';

const [anna, ben, zoe] = [userId('anna'), userId('ben'), userId('zoe')];

async function worldOf(...names: readonly string[]): Promise<World> {
  const world = createWorld();
  for (const name of names) {
    const { userId: id, username } = identity(name);
    await world.sessions.admit(
      { id, username, displayName: name.toUpperCase(), createdAt: NOW },
      'create',
      NOW,
    );
  }
  return world;
}

/** Eventual reads still see everybody as a participant. */
function staleFor(world: World): World {
  const participant: World['rooms']['participant'] = async (roomId, id, read) =>
    read === 'eventual' ? { roomId, userId: id, joinedAt: NOW } : world.rooms.participant(roomId, id, read);
  return { ...world, rooms: { ...world.rooms, participant } };
}

describe('creating a room', () => {
  test('puts the creator and everybody named in, each once', async () => {
    const world = await worldOf('anna', 'ben');
    const { room, participantIds } = await createRoom(world, {
      userId: anna,
      name: ' Lunch ',
      participantIds: [ben, anna, ben],
      at: NOW,
    });
    expect(participantIds).toEqual([anna, ben]);
    expect(await world.rooms.get(room.id)).toStrictEqual({
      id: room.id,
      name: 'Lunch',
      createdBy: anna,
      createdAt: NOW,
    });
    expect((await world.rooms.participants(room.id)).map((participant) => participant.userId)).toEqual([
      anna,
      ben,
    ]);
  });

  test('needs neither a name nor others', async () => {
    const world = await worldOf();
    const { room } = await createRoom(world, { userId: anna, participantIds: [], at: NOW });
    expect(room).toStrictEqual({ id: room.id, createdBy: anna, createdAt: NOW });
  });

  test.each([
    ['name', { name: ' ' }],
    ['participantIds', { participantIds: [ben, zoe] }],
    ['participantIds', { participantIds: Array.from({ length: 101 }, (_, n) => `u${n}` as UserId) }],
  ])('with a wrong %s stores nothing and does not say who is missing', async (field, over) => {
    const world = await worldOf('anna', 'ben');
    const creation = createRoom(world, { userId: anna, participantIds: [], at: NOW, ...over });
    await expect(creation).rejects.toMatchObject({ code: 'invalid_field', field });
    await expect(creation).rejects.not.toThrow(/zoe/);
    expect(await world.rooms.roomsOf(anna)).toEqual([]);
  });
});

describe('adding participants', () => {
  const adding = (over: object = {}) => ({
    roomId: ROOM,
    userId: anna,
    participantIds: [ben, ben],
    at: NOW,
    ...over,
  });

  test('lets them in; those who are in keep their receipt', async () => {
    const world = await worldOf('anna', 'ben');
    await withRoom(world, ['anna']);
    await world.rooms.advanceReceipt({ roomId: ROOM, userId: anna, messageId: idAt(0), readAt: NOW });
    await addParticipants(world, adding({ participantIds: [ben, anna] }));
    expect(await world.rooms.participant(ROOM, ben, 'strong')).toBeDefined();
    expect(await world.rooms.participant(ROOM, anna, 'strong')).toMatchObject({ lastReadMessageId: idAt(0) });
  });

  test('nobody is no mistake', async () => {
    const world = await worldOf('anna');
    await withRoom(world, ['anna']);
    await expect(addParticipants(world, adding({ participantIds: [] }))).resolves.toBeUndefined();
  });

  test('is refused to outsiders before they learn who exists', async () => {
    const world = await worldOf('anna', 'ben');
    await withRoom(world, ['ben']);
    for (const participantIds of [[ben], [zoe]]) {
      await expect(addParticipants(world, adding({ participantIds }))).rejects.toMatchObject({
        code: 'not_participant',
      });
    }
    await expect(addParticipants(world, adding({ roomId: OTHER_ROOM }))).rejects.toMatchObject({
      code: 'not_participant',
    });
  });

  test('asks a strong read: somebody removed a moment ago cannot let others in', async () => {
    const world = await worldOf('anna', 'ben');
    await withRoom(world, ['anna']);
    const behind = staleFor(world);
    await world.rooms.removeParticipant(ROOM, anna);
    await expect(addParticipants(behind, adding())).rejects.toMatchObject({ code: 'not_participant' });
    expect(await world.rooms.participants(ROOM)).toEqual([]);
  });

  test('all or nobody when one does not exist', async () => {
    const world = await worldOf('anna', 'ben');
    await withRoom(world, ['anna']);
    const addition = addParticipants(world, adding({ participantIds: [ben, zoe] }));
    await expect(addition).rejects.toMatchObject({ code: 'invalid_field', field: 'participantIds' });
    expect(await world.rooms.participants(ROOM)).toHaveLength(1);
  });
});

describe('listing rooms', () => {
  test('shows the last message and what others wrote since the receipt, newest activity first', async () => {
    const world = await worldOf('anna', 'ben');
    await withRoom(world, ['anna', 'ben']);
    await withRoom(world, ['anna'], OTHER_ROOM);
    await withRoom(world, ['ben'], 'not-mine' as RoomId);
    const from = (id: UserId, minutes: number) =>
      message({ id: idAt(minutes), createdAt: NOW + minutes * 60_000, sender: { id, username: 'x' } });
    for (const each of [from(ben, 1), from(ben, 2), from(anna, 3), from(ben, 4)])
      await world.messages.append(each);
    await world.rooms.advanceReceipt({ roomId: ROOM, userId: anna, messageId: idAt(1), readAt: NOW });

    const rooms = await listRooms(world, { userId: anna });

    expect(rooms).toStrictEqual([
      { room: await world.rooms.get(ROOM), lastMessage: from(ben, 4), unreadCount: 2 },
      { room: await world.rooms.get(OTHER_ROOM), unreadCount: 0 },
    ]);
  });

  test('of equal age keep one order', async () => {
    const world = createWorld();
    const ids = ['b', 'c', 'a', 'd'] as RoomId[];
    for (const id of ids) await withRoom(world, ['anna'], id);
    expect((await listRooms(world, { userId: anna })).map(({ room }) => room.id)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  test('leaves out rooms the user was removed from, and rooms that are missing, meanwhile', async () => {
    const world = createWorld();
    await withRoom(world, ['anna']);
    await world.rooms.addParticipants('half-made' as RoomId, [anna], NOW);
    const racing = { ...world.rooms, roomsOf: async () => [ROOM, OTHER_ROOM, 'half-made' as RoomId] };
    await withRoom(world, ['ben'], OTHER_ROOM);
    const rooms = await listRooms({ ...world, rooms: racing }, { userId: anna });
    expect(rooms.map(({ room }) => room.id)).toEqual([ROOM]);
  });

  test('counts unread messages no further than the limit', async () => {
    const world = createWorld();
    await withRoom(world, ['anna']);
    for (let n = 0; n < ROOM_LIST.unreadMax + 5; n++) {
      await world.messages.append(message({ id: idAt(n), sender: { id: ben, username: 'ben' } }));
    }
    expect((await listRooms(world, { userId: anna }))[0]?.unreadCount).toBe(ROOM_LIST.unreadMax);
  });

  test('asks about a bounded number of rooms at once', async () => {
    const world = createWorld();
    for (let n = 0; n < 60; n++) await withRoom(world, ['anna'], `room-${n}` as RoomId);
    let inFlight = 0;
    let peak = 0;
    const counted = wrapRemotePorts(world, async (call) => {
      if (call.name !== 'rooms.participant') return call.run();
      peak = Math.max(peak, (inFlight += 1));
      await Promise.resolve();
      inFlight -= 1;
      return call.run();
    });
    expect(await listRooms(counted, { userId: anna })).toHaveLength(60);
    expect(peak).toBe(ROOM_LIST.concurrency);
  });
});

describe('looking at a room', () => {
  test('shows names and receipts of participants in order of joining, but no addresses and roles', async () => {
    const world = await worldOf('zoe', 'ben');
    await withRoom(world, ['zoe', 'anna']);
    await world.rooms.addParticipants(ROOM, [ben], NOW - 1);
    await world.rooms.advanceReceipt({ roomId: ROOM, userId: zoe, messageId: idAt(0), readAt: NOW });
    await world.messages.append(message({ id: idAt(1) }));

    expect(await getRoom(world, { roomId: ROOM, userId: zoe })).toStrictEqual({
      room: await world.rooms.get(ROOM),
      participants: [
        { roomId: ROOM, userId: ben, joinedAt: NOW - 1, username: 'ben', displayName: 'BEN' },
        { roomId: ROOM, userId: anna, joinedAt: NOW },
        {
          roomId: ROOM,
          userId: zoe,
          joinedAt: NOW,
          lastReadMessageId: idAt(0),
          lastReadAt: NOW,
          username: 'zoe',
          displayName: 'ZOE',
        },
      ],
      lastMessage: message({ id: idAt(1) }),
      unreadCount: 1,
    });
  });

  test('an empty room of a user without a display name', async () => {
    const world = createWorld();
    await world.sessions.admit({ id: anna, username: 'anna', createdAt: NOW }, 'create', NOW);
    await withRoom(world, ['anna', 'ben']);
    const { participants, ...rest } = await getRoom(world, { roomId: ROOM, userId: anna });
    expect(rest).toStrictEqual({ room: await world.rooms.get(ROOM), unreadCount: 0 });
    expect(participants[0]).toStrictEqual({ roomId: ROOM, userId: anna, joinedAt: NOW, username: 'anna' });
  });

  test('says who is online, and when the others were, as far as they were told', async () => {
    const world = await worldOf('anna');
    await withRoom(world, ['anna']);
    const face = async () => (await getRoom(world, { roomId: ROOM, userId: anna })).participants[0];
    const before = (await world.presence.get(anna))!;
    const arriving = await world.presence.turn(before, { stage: 'arriving', at: NOW });
    await world.presence.turn(arriving as typeof before, { stage: 'online', at: NOW });
    expect(await face()).toMatchObject({ isOnline: true });
    const online = (await world.presence.get(anna))!;
    const leaving = await world.presence.turn(online, { stage: 'leaving', at: NOW, lastSeenAt: NOW });
    await world.presence.turn(leaving as typeof before, { stage: 'offline', at: NOW });
    expect(await face()).toMatchObject({ lastSeenAt: NOW });
    expect((await face())?.isOnline ?? false).toBe(false);
  });

  test('a missing room and a foreign room are the same', async () => {
    const world = createWorld();
    await withRoom(world, ['ben']);
    await world.rooms.addParticipants('half-made' as RoomId, [anna], NOW);
    const refusals = await Promise.allSettled(
      [ROOM, OTHER_ROOM, 'half-made' as RoomId].map((roomId) => getRoom(world, { roomId, userId: anna })),
    );
    const [foreign, missing, halfMade] = refusals.map(
      (refusal) => refusal.status === 'rejected' && refusal.reason,
    );
    expect(foreign).toMatchObject({ code: 'not_participant' });
    expect(missing).toEqual(foreign);
    expect(halfMade).toEqual(foreign);
  });
});
