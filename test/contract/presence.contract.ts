import { describe, expect, test } from 'vitest';
import type { Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import type { UserId } from '../../lambdas/domain/ids.ts';
import { shardOf } from '../../lambdas/domain/shard.ts';
import { SWEEP } from '../../lambdas/manifest/limits.ts';
import type { Presence, Turn } from '../../lambdas/ports/presence.ts';
import { NOW, race, someSession, someUser, someUserId } from './data.ts';

const MINUTE = 60_000;

export function presenceStoreContract(stores: () => Stores): void {
  async function someone(): Promise<UserId> {
    const user = someUser();
    await stores().users.register(user, 'h');
    return user.id;
  }
  async function read(userId: UserId): Promise<Presence> {
    const presence = await stores().presence.get(userId);
    if (presence === undefined) throw new Error('there is no such user');
    return presence;
  }
  async function turn(userId: UserId, next: Turn): Promise<Presence> {
    const turned = await stores().presence.turn(await read(userId), next);
    if (turned === 'changed') throw new Error('somebody else was first');
    return turned;
  }
  const connect = async (userId: UserId, at = NOW) =>
    stores().sessions.admit({ id: userId, username: 'x', createdAt: at }, 'must-exist', at);
  async function listed(userId: UserId) {
    const found = [];
    for await (const page of stores().presence.online(shardOf(userId, SWEEP.rings))) found.push(...page);
    return found.filter((user) => user.userId === userId);
  }

  describe('PresenceStore', () => {
    test('of a user who never came says so, and of nobody nothing', async () => {
      const userId = await someone();
      expect(await read(userId)).toMatchObject({ userId, stage: 'offline', since: 0, connects: 0 });
      expect(await stores().presence.get(someUserId())).toBeUndefined();
    });

    test('goes from stage to stage, and shows in the profile', async () => {
      const userId = await someone();
      const seen = async () => {
        const { isOnline, lastSeenAt } = (await stores().users.get(userId)) ?? {};
        return [isOnline ?? false, lastSeenAt];
      };
      await connect(userId);
      const arriving = await turn(userId, { stage: 'arriving', at: NOW });
      expect(arriving).toEqual(await read(userId));
      expect(arriving).toMatchObject({ stage: 'arriving', since: NOW, connects: 1, lastConnectAt: NOW });
      expect(await seen()).toEqual([true, undefined]);
      await turn(userId, { stage: 'online', at: NOW + 1 });
      expect(await seen()).toEqual([true, undefined]);
      const leaving = await turn(userId, { stage: 'leaving', at: NOW + MINUTE, lastSeenAt: NOW + 2 });
      expect(leaving).toEqual(await read(userId));
      expect(await seen()).toEqual([false, NOW + 2]);
      await turn(userId, { stage: 'offline', at: NOW + MINUTE });
      expect(await read(userId)).toMatchObject({ stage: 'offline', lastSeenAt: NOW + 2 });
      expect(await stores().users.getMany([userId])).toMatchObject([{ lastSeenAt: NOW + 2 }]);
    });

    test('of 30 who turn the same state one wins', async () => {
      const userId = await someone();
      const was = await read(userId);
      const outcomes = await race(30, () => stores().presence.turn(was, { stage: 'arriving', at: NOW }));
      const won = outcomes.filter((outcome) => outcome !== 'changed');
      expect(won).toEqual([await read(userId)]);
      expect(await stores().presence.turn(was, { stage: 'arriving', at: NOW })).toBe('changed');
    });

    test('whoever has connected meanwhile is not leaving', async () => {
      const userId = await someone();
      await turn(userId, { stage: 'arriving', at: NOW });
      const before = await turn(userId, { stage: 'online', at: NOW });
      expect(await connect(userId)).toBe('online');
      expect(await stores().presence.turn(before, { stage: 'leaving', at: NOW, lastSeenAt: NOW })).toBe(
        'changed',
      );
      const after = await read(userId);
      await connect(userId);
      // Neither the same instant nor a second connect is mistaken for none.
      expect(await stores().presence.turn(after, { stage: 'leaving', at: NOW, lastSeenAt: NOW })).toBe(
        'changed',
      );
      await turn(userId, { stage: 'leaving', at: NOW, lastSeenAt: NOW });
    });

    test('other turns do not mind a connect', async () => {
      const userId = await someone();
      const was = await read(userId);
      await connect(userId);
      expect(await stores().presence.turn(was, { stage: 'arriving', at: NOW })).not.toBe('changed');
    });

    test('whoever is not offline is in the list', async () => {
      const userId = await someone();
      expect(await listed(userId)).toEqual([]);
      await turn(userId, { stage: 'arriving', at: NOW });
      expect(await listed(userId)).toMatchObject([{ userId, since: NOW }]);
      const [entry] = await listed(userId);
      // Told by halves, and again.
      await turn(userId, { stage: 'arriving', at: NOW + MINUTE });
      await turn(userId, { stage: 'online', at: NOW + MINUTE });
      expect(await listed(userId)).toEqual([entry]);
      await turn(userId, { stage: 'leaving', at: NOW, lastSeenAt: NOW });
      expect(await listed(userId)).toEqual([entry]);
      await turn(userId, { stage: 'offline', at: NOW });
      expect(await listed(userId)).toEqual([]);
    });

    test('the end of one coming does not take the next one out of the list', async () => {
      const userId = await someone();
      await turn(userId, { stage: 'arriving', at: NOW });
      const leaving = await turn(userId, { stage: 'leaving', at: NOW, lastSeenAt: NOW });
      const [old] = await listed(userId);
      await turn(userId, { stage: 'arriving', at: NOW + 1 });
      if (old !== undefined) await stores().presence.strike(old);
      expect(await stores().presence.turn(leaving, { stage: 'offline', at: NOW })).toBe('changed');
      expect(await listed(userId)).toHaveLength(1);
      const [entry] = await listed(userId);
      if (entry !== undefined) await stores().presence.strike(entry);
      expect(await listed(userId)).toEqual([]);
    });

    test('whoever was too late leaves an entry that can be struck out', async () => {
      const userId = await someone();
      const was = await read(userId);
      await connect(userId);
      await turn(userId, { stage: 'arriving', at: NOW });
      expect(await stores().presence.turn(was, { stage: 'arriving', at: NOW + 1 })).toBe('changed');
      expect(await listed(userId)).toHaveLength(1);
    });

    test('nobody is made by a turn', async () => {
      const userId = someUserId();
      const nobody = { userId, username: 'x', stage: 'offline', since: 0, connects: 0, version: '' } as const;
      expect(await stores().presence.turn(nobody, { stage: 'arriving', at: NOW })).toBe('changed');
      expect(await stores().users.get(userId)).toBeUndefined();
    });
  });
}

export function watchContract(stores: () => Stores): void {
  describe('SessionStore.watch', () => {
    async function watched(ring: number) {
      const found = [];
      for await (const page of stores().sessions.watched(ring)) found.push(...page);
      return found;
    }

    test('has a connection found in its ring until it is not watched any more, expired or not', async () => {
      const session = someSession();
      const { connectionId, userId, connectedAt } = session;
      const ring = shardOf(connectionId, SWEEP.rings);
      await stores().sessions.watch(session, NOW - MINUTE);
      await stores().sessions.watch(session, NOW - MINUTE);
      const mine = async () => (await watched(ring)).filter((found) => found.connectionId === connectionId);
      expect(await mine()).toEqual([{ connectionId, userId, connectedAt }]);
      await stores().sessions.unwatch(connectionId);
      await stores().sessions.unwatch(connectionId);
      expect(await mine()).toEqual([]);
    });

    test('finds all of them, each once', async () => {
      const sessions = await race(60, async () => {
        const session = someSession();
        await stores().sessions.watch(session, NOW + MINUTE);
        return session.connectionId;
      });
      const rings = await race(SWEEP.rings, watched);
      const found = rings.flat().map(({ connectionId }) => connectionId);
      expect(found.filter((id) => sessions.includes(id)).toSorted()).toEqual(sessions.toSorted());
    });
  });
}
