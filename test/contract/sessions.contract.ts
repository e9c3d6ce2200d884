import { describe, expect, test } from 'vitest';
import type { Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import { CHAT } from '../../lambdas/manifest/limits.ts';
import { HOUR, NOW, race, someRoomId, someSession, someUserId, sorted } from './data.ts';

const LATER = NOW + HOUR;
const joined = (shard = 0) => ({ roomId: someRoomId(), shard });

export function sessionStoreContract(stores: () => Stores): void {
  describe('SessionStore', () => {
    test('an open session comes back as it was', async () => {
      const session = someSession();
      await stores().sessions.open(session, LATER);
      expect(await stores().sessions.get(session)).toEqual(session);
      expect(await stores().sessions.get(someSession())).toBeUndefined();
    });

    test('opens with rooms', async () => {
      const session = someSession({ rooms: [joined(3)] });
      await stores().sessions.open(session, LATER);
      expect(await stores().sessions.get(session)).toEqual(session);
    });

    test('closing returns the session with its rooms, once', async () => {
      const session = someSession();
      const [one, two] = [joined(), joined(7)];
      await stores().sessions.open(session, LATER);
      await stores().sessions.addRoom(session, one);
      await stores().sessions.addRoom(session, two);

      const closed = await stores().sessions.close(session);

      expect(closed).toMatchObject({ sessionId: session.sessionId, connectionId: session.connectionId });
      expect(new Set(closed?.rooms)).toEqual(new Set([one, two]));
      expect(await stores().sessions.close(session)).toBeUndefined();
      expect(await stores().sessions.get(session)).toBeUndefined();
    });

    test('of 50 racing closes exactly one gets the session', async () => {
      const session = someSession();
      await stores().sessions.open(session, LATER);
      const closed = await race(50, () => stores().sessions.close(session));
      expect(closed.filter((answer) => answer !== undefined)).toHaveLength(1);
    });

    test('an expired session counts as gone', async () => {
      const session = someSession();
      await stores().sessions.open(session, NOW);
      expect(await stores().sessions.get(session)).toBeUndefined();
      expect(await stores().sessions.addRoom(session, joined())).toBe('closed');
      expect(await stores().sessions.ofUser(session.userId, NOW)).toEqual([]);
    });

    test('lists the live sessions of a user', async () => {
      const userId = someUserId();
      const sessions = Array.from({ length: 110 }, () => someSession({ userId }));
      await race(110, (n) => stores().sessions.open(sessions[n] ?? someSession(), LATER));
      await stores().sessions.open(someSession({ userId }), NOW + 60_000);
      await stores().sessions.open(someSession(), LATER);
      const ids = (all: readonly { connectionId: string }[]) =>
        sorted(all.map(({ connectionId }) => connectionId));
      expect(ids(await stores().sessions.ofUser(userId, NOW + 60_000))).toEqual(ids(sessions));
    });
  });
}

export function sessionRoomsContract(stores: () => Stores): void {
  describe('SessionStore: rooms', () => {
    test('adding a room twice keeps one entry', async () => {
      const session = someSession();
      const room = joined();
      await stores().sessions.open(session, LATER);
      expect(await stores().sessions.addRoom(session, room)).toBe('added');
      expect(await stores().sessions.addRoom(session, room)).toBe('added');
      expect((await stores().sessions.get(session))?.rooms).toEqual([room]);
    });

    test('removing rooms, down to none and beyond', async () => {
      const session = someSession();
      const [one, two] = [joined(), joined()];
      await stores().sessions.open(session, LATER);
      await stores().sessions.addRoom(session, one);
      await stores().sessions.addRoom(session, two);
      await stores().sessions.removeRoom(session, one);
      expect((await stores().sessions.get(session))?.rooms).toEqual([two]);
      await stores().sessions.removeRoom(session, two);
      await stores().sessions.removeRoom(session, two);
      expect((await stores().sessions.get(session))?.rooms).toEqual([]);
    });

    test('a closed session takes no room and does not come back', async () => {
      const session = someSession();
      await stores().sessions.open(session, LATER);
      await stores().sessions.close(session);
      expect(await stores().sessions.addRoom(session, joined())).toBe('closed');
      await stores().sessions.removeRoom(session, joined());
      expect(await stores().sessions.get(session)).toBeUndefined();
      expect(await stores().sessions.ofUser(session.userId, NOW)).toEqual([]);
    });

    test('a full session refuses a new room but lets one that is in join again', async () => {
      const session = someSession();
      const rooms = Array.from({ length: CHAT.roomsPerSession }, () => joined());
      await stores().sessions.open(session, LATER);
      const outcomes = await race(rooms.length, (n) =>
        stores().sessions.addRoom(session, rooms[n] ?? joined()),
      );
      expect(new Set(outcomes)).toEqual(new Set(['added']));

      expect(await stores().sessions.addRoom(session, joined())).toBe('full');
      expect(await stores().sessions.addRoom(session, rooms[0] ?? joined())).toBe('added');
      expect((await stores().sessions.get(session))?.rooms).toHaveLength(CHAT.roomsPerSession);
    });

    test('50 racing joins of the last place: one gets it', async () => {
      const session = someSession({
        rooms: Array.from({ length: CHAT.roomsPerSession - 1 }, () => joined()),
      });
      await stores().sessions.open(session, LATER);
      const outcomes = await race(50, () => stores().sessions.addRoom(session, joined()));
      expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(1);
    });
  });
}
