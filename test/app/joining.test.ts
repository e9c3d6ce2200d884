import { describe, expect, test } from 'vitest';

import { joinRoom } from '../../lambdas/app/join-room.ts';
import { leaveRoom } from '../../lambdas/app/leave-room.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import { shardOf } from '../../lambdas/domain/shard.ts';
import { CHAT, EXPIRY } from '../../lambdas/manifest/limits.ts';
import { failing } from '../support/fakes/failing.ts';
import {
  actor,
  createWorld,
  HOUR,
  live,
  liveIn,
  NOW,
  OTHER_ROOM,
  ROOM,
  session,
  withLiveRoom,
  withRoom,
  type World,
} from '../support/fakes/world.ts';

const anna = actor('anna');
const key = { userId: anna.id, connectionId: anna.connectionId };
const joining = (roomId: RoomId = ROOM) => ({ actor: anna, roomId, at: NOW });

async function connected(): Promise<World> {
  const world = createWorld();
  await withRoom(world, ['anna', 'ben']);
  await world.sessions.open(session('anna'), NOW + HOUR);
  return world;
}
const roomsOf = async (world: World) => (await world.sessions.get(key))?.rooms;

describe('joining', () => {
  test('makes the connection live until no connection can be, and notes it in the session', async () => {
    const world = await connected();
    expect(await joinRoom(world, joining())).toEqual({ kind: 'room.joined', roomId: ROOM, userId: anna.id });
    const end = NOW + EXPIRY.sessionSeconds * 1000;
    expect(await world.members.list(ROOM, end - 1)).toEqual({ members: [live('anna')], shards: 1 });
    expect((await world.members.list(ROOM, end)).members).toEqual([]);
    expect(await roomsOf(world)).toEqual([{ roomId: ROOM, shard: 0 }]);
  });

  test('again changes nothing', async () => {
    const world = await connected();
    await joinRoom(world, joining());
    await joinRoom(world, joining());
    expect(await liveIn(world)).toHaveLength(1);
    expect(await roomsOf(world)).toHaveLength(1);
  });

  test('goes to the shard of the connection in a room that has grown', async () => {
    const world = await connected();
    await world.members.grow(ROOM, 1, 64);
    await joinRoom(world, joining());
    const shard = shardOf(anna.connectionId, 64);
    expect(shard).not.toBe(0);
    expect(await roomsOf(world)).toEqual([{ roomId: ROOM, shard }]);
    expect((await world.members.list(ROOM, NOW)).members).toEqual([live('anna', { shard })]);
  });

  test('is refused alike for a foreign and a missing room, and leaves nothing', async () => {
    const world = await connected();
    await withRoom(world, ['ben'], OTHER_ROOM);
    const [foreign, missing] = await Promise.allSettled([
      joinRoom(world, joining(OTHER_ROOM)),
      joinRoom(world, joining('missing' as RoomId)),
    ]);
    expect(foreign).toMatchObject({ reason: { code: 'not_participant' } });
    expect(missing).toEqual(foreign);
    expect(await liveIn(world, OTHER_ROOM)).toEqual([]);
    expect(await roomsOf(world)).toEqual([]);
  });

  test('a participant of a moment ago is not refused by a read that is behind', async () => {
    const world = await connected();
    const rooms: World['rooms'] = {
      ...world.rooms,
      participant: async (roomId, userId, read) =>
        read === 'eventual' ? undefined : world.rooms.participant(roomId, userId, read),
    };
    await expect(joinRoom({ ...world, rooms }, joining())).resolves.toBeDefined();
  });

  test('on a connection that is closing leaves no row', async () => {
    const world = await connected();
    await world.sessions.close(key);
    await expect(joinRoom(world, joining())).rejects.toMatchObject({ code: 'unavailable' });
    expect(await liveIn(world)).toEqual([]);
    expect(await world.sessions.get(key)).toBeUndefined();
  });

  test('more rooms than a connection may be in is refused and leaves no row', async () => {
    const world = await connected();
    for (let n = 0; n < CHAT.roomsPerSession; n++)
      await world.sessions.addRoom(key, { roomId: `r${n}` as RoomId, shard: 0 });
    await expect(joinRoom(world, joining())).rejects.toMatchObject({ code: 'forbidden' });
    expect(await liveIn(world)).toEqual([]);
  });

  test.each([
    ['members.add', 'before'],
    ['members.add', 'after'],
    ['sessions.addRoom', 'before'],
    ['sessions.addRoom', 'after'],
  ] as const)(
    'that fails at %s (%s it took effect) may be repeated, and undoes no other',
    async (name, when) => {
      const world = await connected();
      for (let n = 0; n < 2; n++) {
        await expect(joinRoom(failing(world, [name], when), joining())).rejects.toMatchObject({
          code: 'unavailable',
        });
        if (n === 0) await joinRoom(world, joining());
        expect(await liveIn(world)).toEqual(['conn-anna=']);
        expect(await roomsOf(world)).toEqual([{ roomId: ROOM, shard: 0 }]);
      }
    },
  );

  test('that is refused although its row failed to be written is undone all the same', async () => {
    const world = await connected();
    await world.sessions.close(key);
    await expect(joinRoom(failing(world, ['members.add'], 'after'), joining())).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(await liveIn(world)).toEqual([]);
  });
});

describe('leaving', () => {
  test('removes the row and the note of this connection only, and keeps the right', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['anna', 'anna/2', 'ben']);
    expect(await leaveRoom(world, { actor: anna, roomId: ROOM })).toEqual({
      kind: 'room.left',
      roomId: ROOM,
      userId: anna.id,
    });
    expect(await liveIn(world)).toEqual(['conn-anna/2=', 'conn-ben=']);
    expect(await roomsOf(world)).toEqual([]);
    await expect(joinRoom(world, joining())).resolves.toBeDefined();
  });

  test('is not remembered as a right to send', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['anna']);
    world.memo.remember(anna.connectionId, ROOM, NOW);
    await leaveRoom(world, { actor: anna, roomId: ROOM });
    expect(world.memo.has(anna.connectionId, ROOM, NOW)).toBe(false);
  });

  test('finds the row where it was written, though the room has grown since', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['anna']);
    await world.members.grow(ROOM, 1, 64);
    await joinRoom(world, joining());
    expect(await roomsOf(world)).toHaveLength(2);
    await leaveRoom(world, { actor: anna, roomId: ROOM });
    expect(await liveIn(world)).toEqual([]);
    expect(await roomsOf(world)).toEqual([]);
  });

  test('a room that the session does not know removes what a dead join may have left', async () => {
    const world = await connected();
    await world.members.add(live('anna'), NOW + HOUR);
    await leaveRoom(world, { actor: anna, roomId: ROOM });
    expect(await liveIn(world)).toEqual([]);
  });

  test('says the same for any room, joined, foreign or missing, with a session or without', async () => {
    const world = createWorld();
    for (const roomId of [ROOM, OTHER_ROOM]) {
      expect(await leaveRoom(world, { actor: anna, roomId })).toEqual({
        kind: 'room.left',
        roomId,
        userId: anna.id,
      });
    }
  });
});
