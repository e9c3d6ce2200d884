import { describe, expect, test } from 'vitest';
import type { Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import { messageId, NOW, race, someRoom, someRoomId, someUserId, sorted } from './data.ts';

export function roomStoreContract(stores: () => Stores): void {
  describe('RoomStore: rooms', () => {
    test('a created room is found, with its participants, and by each of them', async () => {
      const room = someRoom();
      const [anna, ben] = [someUserId(), someUserId()];

      await stores().rooms.create(room, [anna, ben, anna]);

      expect(await stores().rooms.get(room.id)).toEqual(room);
      const participants = await stores().rooms.participants(room.id);
      expect(sorted(participants.map(({ userId }) => userId))).toEqual(sorted([anna, ben]));
      expect(participants[0]).toMatchObject({ roomId: room.id, joinedAt: NOW });
      expect(await stores().rooms.roomsOf(anna)).toEqual([room.id]);
      expect(await stores().rooms.roomsOf(ben)).toEqual([room.id]);
    });

    test('a room without a name has none', async () => {
      const { name: _, ...room } = someRoom();
      await stores().rooms.create(room, []);
      expect(await stores().rooms.get(room.id)).toEqual(room);
    });

    test('unknown rooms, participants and users', async () => {
      expect(await stores().rooms.get(someRoomId())).toBeUndefined();
      expect(await stores().rooms.participants(someRoomId())).toEqual([]);
      expect(await stores().rooms.roomsOf(someUserId())).toEqual([]);
      expect(await stores().rooms.participant(someRoomId(), someUserId(), 'strong')).toBeUndefined();
    });

    test('repeating a creation adds what was missing and keeps receipts', async () => {
      const room = someRoom();
      const [anna, ben] = [someUserId(), someUserId()];
      await stores().rooms.create(room, [anna]);
      const receipt = { roomId: room.id, userId: anna, messageId: messageId(5), readAt: NOW };
      await stores().rooms.advanceReceipt(receipt);

      await stores().rooms.create(room, [anna, ben]);

      expect(await stores().rooms.participant(room.id, anna, 'strong')).toMatchObject({
        lastReadMessageId: messageId(5),
      });
      expect(await stores().rooms.participant(room.id, ben, 'eventual')).toBeDefined();
    });

    test('50 racing creations of one room leave one room with one row per participant', async () => {
      const room = someRoom();
      const users = Array.from({ length: 4 }, someUserId);
      await race(50, () => stores().rooms.create(room, users));
      expect(await stores().rooms.get(room.id)).toEqual(room);
      expect(await stores().rooms.participants(room.id)).toHaveLength(4);
    });

    test('getMany finds more rooms than one batch holds, each once', async () => {
      const rooms = await race(110, async () => {
        const room = someRoom();
        await stores().rooms.create(room, []);
        return room.id;
      });
      const found = await stores().rooms.getMany([...rooms, ...rooms.slice(0, 3), someRoomId()]);
      expect(sorted(found.map(({ id }) => id))).toEqual(sorted(rooms));
    });
  });

  describe('RoomStore: participants', () => {
    test('adding somebody who is in keeps joinedAt and the receipt', async () => {
      const room = someRoom();
      const anna = someUserId();
      await stores().rooms.create(room, [anna]);
      await stores().rooms.advanceReceipt({
        roomId: room.id,
        userId: anna,
        messageId: messageId(5),
        readAt: NOW + 1,
      });

      await stores().rooms.addParticipants(room.id, [anna], NOW + 9);

      expect(await stores().rooms.participant(room.id, anna, 'strong')).toEqual({
        roomId: room.id,
        userId: anna,
        joinedAt: NOW,
        lastReadMessageId: messageId(5),
        lastReadAt: NOW + 1,
      });
    });

    test('lists more than 100 participants of a room and more than 100 rooms of a user', async () => {
      const room = someRoom();
      const users = Array.from({ length: 130 }, someUserId);
      await stores().rooms.create(room, users);
      expect(sorted((await stores().rooms.participants(room.id)).map(({ userId }) => userId))).toEqual(
        sorted(users),
      );

      const anna = someUserId();
      const rooms = Array.from({ length: 130 }, someRoomId);
      await race(130, (n) => stores().rooms.addParticipants(rooms[n] ?? someRoomId(), [anna], NOW));
      expect(sorted(await stores().rooms.roomsOf(anna))).toEqual(sorted(rooms));
    });

    test('a removed participant is in neither list; removing again says absent', async () => {
      const room = someRoom();
      const [anna, ben] = [someUserId(), someUserId()];
      await stores().rooms.create(room, [anna, ben]);

      expect(await stores().rooms.removeParticipant(room.id, anna)).toBe('removed');

      expect(await stores().rooms.participant(room.id, anna, 'strong')).toBeUndefined();
      expect(await stores().rooms.roomsOf(anna)).toEqual([]);
      expect(await stores().rooms.participants(room.id)).toHaveLength(1);
      expect(await stores().rooms.removeParticipant(room.id, anna)).toBe('absent');
    });
  });
}

export function receiptContract(stores: () => Stores): void {
  describe('RoomStore: receipts', () => {
    test('moves forward only', async () => {
      const room = someRoom();
      const userId = someUserId();
      await stores().rooms.create(room, [userId]);
      const read = (n: number) =>
        stores().rooms.advanceReceipt({ roomId: room.id, userId, messageId: messageId(n), readAt: NOW + n });

      expect(await read(3)).toBe('advanced');
      expect(await read(3)).toBe('not-newer');
      expect(await read(2)).toBe('not-newer');
      expect(await read(4)).toBe('advanced');

      expect(await stores().rooms.participant(room.id, userId, 'strong')).toMatchObject({
        lastReadMessageId: messageId(4),
        lastReadAt: NOW + 4,
      });
    });

    test('of somebody who is not in the room is refused and stores nothing', async () => {
      const room = someRoom();
      const userId = someUserId();
      await stores().rooms.create(room, [someUserId()]);
      const receipt = { roomId: room.id, userId, messageId: messageId(1), readAt: NOW };
      expect(await stores().rooms.advanceReceipt(receipt)).toBe('not-participant');
      expect(await stores().rooms.participant(room.id, userId, 'strong')).toBeUndefined();
    });

    test('50 racing receipts end at the newest, with its instant', async () => {
      const room = someRoom();
      const userId = someUserId();
      await stores().rooms.create(room, [userId]);

      const outcomes = await race(50, (n) =>
        stores().rooms.advanceReceipt({ roomId: room.id, userId, messageId: messageId(n), readAt: NOW + n }),
      );

      expect(outcomes[49]).toBe('advanced');
      expect(await stores().rooms.participant(room.id, userId, 'strong')).toMatchObject({
        lastReadMessageId: messageId(49),
        lastReadAt: NOW + 49,
      });
    });

    test('of 50 racing receipts for one message exactly one advances', async () => {
      const room = someRoom();
      const userId = someUserId();
      await stores().rooms.create(room, [userId]);
      const receipt = { roomId: room.id, userId, messageId: messageId(1), readAt: NOW };
      const outcomes = await race(50, () => stores().rooms.advanceReceipt(receipt));
      expect(outcomes.filter((outcome) => outcome === 'advanced')).toHaveLength(1);
    });
  });
}
