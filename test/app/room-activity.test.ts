import { describe, expect, test } from 'vitest';

import { markRead } from '../../lambdas/app/mark-read.ts';
import { readHistory } from '../../lambdas/app/read-history.ts';
import { setTyping } from '../../lambdas/app/set-typing.ts';
import type { HistoryCommand } from '../../lambdas/domain/commands.ts';
import type { MessageId, RoomId } from '../../lambdas/domain/ids.ts';
import {
  actor,
  createWorld,
  idAt,
  message,
  NOW,
  OTHER_ROOM,
  ROOM,
  withLiveRoom,
  withRoom,
  type World,
} from '../support/fakes/world.ts';

const anna = actor('anna');

async function liveWorld(): Promise<World> {
  const world = createWorld();
  await withLiveRoom(world, ['anna', 'anna/2', 'ben']);
  return world;
}

describe('reading history', () => {
  const reading = (over: Partial<HistoryCommand> = {}) => ({
    userId: anna.id,
    command: { kind: 'history.read', roomId: ROOM, limit: 2, ...over } as const,
  });

  test('gives page after page, newest first', async () => {
    const world = await liveWorld();
    for (const n of [1, 2, 3]) await world.messages.append(message({ id: idAt(n) }));
    const page = await readHistory(world, reading());
    expect(page).toStrictEqual({
      kind: 'history',
      roomId: ROOM,
      messages: [message({ id: idAt(3) }), message({ id: idAt(2) })],
      nextCursor: idAt(2),
    });
    expect(await readHistory(world, reading({ before: idAt(2) }))).toStrictEqual({
      kind: 'history',
      roomId: ROOM,
      messages: [message({ id: idAt(1) })],
    });
  });

  test('is refused alike for a foreign and a missing room', async () => {
    const world = createWorld();
    await withRoom(world, ['ben']);
    await world.messages.append(message());
    const [foreign, missing] = await Promise.allSettled([
      readHistory(world, reading()),
      readHistory(world, reading({ roomId: 'missing' as RoomId })),
    ]);
    expect(foreign).toMatchObject({ reason: { code: 'not_participant' } });
    expect(missing).toEqual(foreign);
  });

  test('a cursor of another room is refused', async () => {
    const world = await liveWorld();
    await expect(readHistory(world, reading({ before: idAt(0, OTHER_ROOM) }))).rejects.toMatchObject({
      field: 'before',
    });
  });
});

describe('typing', () => {
  const typing = (over: object = {}) => ({ actor: anna, roomId: ROOM, isTyping: true, at: NOW, ...over });

  test('is told to all other connections in the room', async () => {
    const world = await liveWorld();
    const event = await setTyping(world, typing());
    expect(event).toEqual({
      kind: 'typing.changed',
      roomId: ROOM,
      userId: anna.id,
      username: 'anna',
      isTyping: true,
    });
    expect(world.gateway.reached()).toEqual(['conn-anna/2=', 'conn-ben=']);
    expect(world.gateway.posts[0]?.frame).toBe(JSON.stringify(event));
  });

  test('in a foreign room is told to nobody', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['ben']);
    await expect(setTyping(world, typing())).rejects.toMatchObject({ code: 'not_participant' });
    expect(world.gateway.posts).toEqual([]);
  });
});

describe('reading', () => {
  const marking = (messageId: MessageId, over: object = {}) => ({
    userId: anna.id,
    connectionId: anna.connectionId,
    command: { kind: 'message.read', roomId: ROOM, messageId } as const,
    at: NOW,
    ...over,
  });

  test('moves the receipt and is told to all other connections in the room', async () => {
    const world = await liveWorld();
    const event = await markRead(world, marking(idAt(1)));
    expect(event).toEqual({
      kind: 'message.read',
      roomId: ROOM,
      userId: anna.id,
      messageId: idAt(1),
      readAt: NOW,
    });
    expect(await world.rooms.participant(ROOM, anna.id, 'strong')).toMatchObject({
      lastReadMessageId: idAt(1),
      lastReadAt: NOW,
    });
    expect(world.gateway.reached()).toEqual(['conn-anna/2=', 'conn-ben=']);
  });

  test('without a connection is told to everybody in the room', async () => {
    const world = await liveWorld();
    const { connectionId: _, ...input } = marking(idAt(1));
    await markRead(world, input);
    expect(world.gateway.posts).toHaveLength(3);
  });

  test('an older message is answered with the receipt that stands and told to nobody', async () => {
    const world = await liveWorld();
    const standing = await markRead(world, marking(idAt(5)));
    world.gateway.posts.length = 0;
    expect(await markRead(world, marking(idAt(3), { at: NOW + 9 }))).toEqual(standing);
    expect(await markRead(world, marking(idAt(5), { at: NOW + 9 }))).toEqual(standing);
    expect(world.gateway.posts).toEqual([]);
  });

  test('when the receipt that stands cannot be seen yet, is answered with what was asked', async () => {
    const world = await liveWorld();
    await markRead(world, marking(idAt(5)));
    const behind = [
      undefined,
      { lastReadMessageId: idAt(2), lastReadAt: NOW },
      { lastReadMessageId: idAt(6) },
    ];
    for (const receipt of behind) {
      const participant: World['rooms']['participant'] = async (roomId, userId) =>
        receipt && { roomId, userId, joinedAt: NOW, ...receipt };
      const event = await markRead({ ...world, rooms: { ...world.rooms, participant } }, marking(idAt(4)));
      expect(event).toMatchObject({ messageId: idAt(4), readAt: NOW });
    }
  });

  test('in a foreign room stores nothing and is told to nobody', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['ben']);
    await expect(markRead(world, marking(idAt(1)))).rejects.toMatchObject({ code: 'not_participant' });
    expect(world.gateway.posts).toEqual([]);
  });

  test('a message of another room is refused', async () => {
    const world = await liveWorld();
    await expect(markRead(world, marking(idAt(1, OTHER_ROOM)))).rejects.toMatchObject({ field: 'messageId' });
    expect(await world.rooms.participant(ROOM, anna.id, 'strong')).not.toHaveProperty('lastReadMessageId');
  });
});
