import { describe, expect, test } from 'vitest';
import type { Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import { HOUR, NOW, race, someMember, someRoomId, sorted } from './data.ts';

const LATER = NOW + HOUR;

export function memberStoreContract(stores: () => Stores): void {
  describe('MemberStore', () => {
    test('lists who was added, once, and only in that room', async () => {
      const member = someMember();
      await stores().members.add(member, LATER);
      await stores().members.add(member, LATER);
      await stores().members.add(someMember(), LATER);
      expect(await stores().members.list(member.roomId, NOW)).toEqual({ members: [member], shards: 1 });
    });

    test('a removed member is gone; removing again is harmless', async () => {
      const member = someMember();
      await stores().members.add(member, LATER);
      await stores().members.remove(member.connectionId, member);
      await stores().members.remove(member.connectionId, member);
      expect((await stores().members.list(member.roomId, NOW)).members).toEqual([]);
    });

    test('expired members are not listed, however long their rows stay', async () => {
      const member = someMember();
      await stores().members.add(member, LATER);
      expect((await stores().members.list(member.roomId, LATER - 1_000)).members).toHaveLength(1);
      expect((await stores().members.list(member.roomId, LATER)).members).toEqual([]);
    });

    test('adding again extends the life of the row', async () => {
      const member = someMember();
      await stores().members.add(member, LATER);
      await stores().members.add(member, LATER + HOUR);
      expect((await stores().members.list(member.roomId, LATER)).members).toEqual([member]);
    });

    test('300 members who join at once are all listed', async () => {
      const roomId = someRoomId();
      const members = Array.from({ length: 300 }, () => someMember({ roomId }));
      await race(300, (n) => stores().members.add(members[n] ?? someMember(), LATER));
      const listed = (await stores().members.list(roomId, NOW)).members;
      const ids = (all: typeof listed) => sorted(all.map(({ connectionId }) => connectionId));
      expect(ids(listed)).toEqual(ids(members));
    });
  });
}

export function shardContract(stores: () => Stores): void {
  describe('MemberStore: shards', () => {
    test('a room has one shard until it grows, step by step', async () => {
      const roomId = someRoomId();
      expect(await stores().members.shards(roomId)).toBe(1);
      await stores().members.grow(roomId, 1, 2);
      expect(await stores().members.shards(roomId)).toBe(2);
      await stores().members.grow(roomId, 2, 4);
      expect(await stores().members.shards(roomId)).toBe(4);
    });

    test('growing from a number that is not true any more changes nothing', async () => {
      const roomId = someRoomId();
      await stores().members.grow(roomId, 2, 8);
      expect(await stores().members.shards(roomId)).toBe(1);
      await stores().members.grow(roomId, 1, 4);
      await stores().members.grow(roomId, 1, 2);
      expect(await stores().members.shards(roomId)).toBe(4);
    });

    test('50 racing growths from one number take one step', async () => {
      const roomId = someRoomId();
      await race(50, () => stores().members.grow(roomId, 1, 2));
      expect(await stores().members.shards(roomId)).toBe(2);
    });

    test('members of all shards are listed, those from before the growth too, and the header is none of them', async () => {
      const roomId = someRoomId();
      const early = someMember({ roomId });
      await stores().members.add(early, LATER);
      await stores().members.grow(roomId, 1, 4);
      const later = [0, 1, 2, 3].map((shard) => someMember({ roomId, shard }));
      await race(4, (n) => stores().members.add(later[n] ?? early, LATER));

      const { members, shards } = await stores().members.list(roomId, NOW);

      expect(shards).toBe(4);
      const seen = new Map(members.map((member) => [member.connectionId, member]));
      expect(members).toHaveLength(5);
      for (const member of [early, ...later]) expect(seen.get(member.connectionId)).toEqual(member);
    });

    test('an empty room that has grown is empty', async () => {
      const roomId = someRoomId();
      await stores().members.grow(roomId, 1, 2);
      expect(await stores().members.list(roomId, NOW)).toEqual({ members: [], shards: 2 });
    });

    test('a few are all that there are, of every shard, each once; of a crowd one sees that it is one', async () => {
      const roomId = someRoomId();
      const few = async (most: number) =>
        (await stores().members.few(roomId, NOW, most)).map(({ connectionId }) => connectionId);
      expect(await few(0)).toEqual([]);
      await stores().members.grow(roomId, 1, 4);
      const members = [0, 1, 2, 3, 0].map((shard) => someMember({ roomId, shard }));
      for (const member of members) await stores().members.add(member, LATER);
      await stores().members.add({ ...members[1]!, shard: 0 }, LATER);
      await stores().members.add(someMember({ roomId }), NOW);
      expect(sorted(await few(50))).toEqual(sorted(members.map(({ connectionId }) => connectionId)));
      expect((await few(2)).length).toBeGreaterThan(2);
    });

    test('a connection with a row in two shards is listed once', async () => {
      const member = someMember();
      await stores().members.add(member, LATER);
      await stores().members.grow(member.roomId, 1, 2);
      await stores().members.add({ ...member, shard: 1 }, LATER);
      expect((await stores().members.list(member.roomId, NOW)).members).toHaveLength(1);
    });

    test('removing from one shard leaves the others', async () => {
      const member = someMember();
      const other = someMember({ roomId: member.roomId, shard: 1 });
      await stores().members.grow(member.roomId, 1, 2);
      await stores().members.add(member, LATER);
      await stores().members.add(other, LATER);
      await stores().members.remove(member.connectionId, member);
      expect((await stores().members.list(member.roomId, NOW)).members).toEqual([other]);
    });
  });
}
