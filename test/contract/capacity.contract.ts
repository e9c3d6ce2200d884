/** What each step of the hot paths costs, by DynamoDB's own account (design: docs/data-model.md, "Cost"). */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import { type CapacityMeter, meterCapacity } from '../support/capacity-meter.ts';
import type { Turn } from '../../lambdas/ports/presence.ts';
import type { TestTable } from '../support/dynamo-table.ts';
import {
  HOUR,
  messageId,
  NOW,
  race,
  someMember,
  someMessage,
  someRoom,
  someRoomId,
  someSession,
  someUser,
} from './data.ts';

const LATER = NOW + HOUR;

export interface MeteredStores {
  readonly stores: Stores;
  readonly table: TestTable;
}

export function capacityContract(subject: () => MeteredStores): void {
  describe('capacity: connecting and joining', () => connectionCosts(metered(subject)));
  describe('capacity: messages and receipts', () => messageCosts(metered(subject)));
}

/** Filled before the first test: the stores exist only once the local DynamoDB has started. */
interface Metered {
  stores: Stores;
  meter: CapacityMeter;
}

function metered(subject: () => MeteredStores): Metered {
  const filled = {} as Metered;
  beforeAll(() => {
    const { stores, table } = subject();
    Object.assign(filled, { stores, meter: meterCapacity(table.client) });
  });
  return filled;
}

function connectionCosts(on: Metered): void {
  test.each(['must-exist', 'create'] as const)(
    'connect (%s): three writes of one unit, no read',
    async (kind) => {
      const { stores, meter } = on;
      const user = someUser({ displayName: 'Anna Karenina', role: 'freelance' });
      await stores.users.register(user, 'hash');
      const session = someSession({ userId: user.id });
      const spent = await meter.spentBy(() =>
        Promise.all([
          stores.sessions.open(session, LATER),
          stores.sessions.admit(user, kind, NOW),
          stores.sessions.watch(session, LATER),
        ]),
      );
      expect(spent).toMatchObject({ readUnits: 0, writeUnits: 3 });
      expect(spent.calls).toHaveLength(3);
    },
  );

  test('join: one read unit for right and shards, one write unit each for member and session', async () => {
    const { stores, meter } = on;
    const room = someRoom();
    const session = someSession();
    await stores.rooms.create(room, [session.userId]);
    await stores.sessions.open(session, LATER);
    const asked = await meter.spentBy(() =>
      Promise.all([
        stores.rooms.participant(room.id, session.userId, 'eventual'),
        stores.members.shards(room.id),
      ]),
    );
    const written = await meter.spentBy(() =>
      Promise.all([
        stores.members.add(someMember({ ...session, roomId: room.id }), LATER),
        stores.sessions.addRoom(session, { roomId: room.id, shard: 0 }),
      ]),
    );
    expect(asked).toMatchObject({ readUnits: 1, writeUnits: 0 });
    expect(written).toMatchObject({ readUnits: 0, writeUnits: 2 });
  });

  test('40 live members cost half a read unit, the 41st to 80th another half', async () => {
    const { stores, meter } = on;
    const roomId = someRoomId();
    await race(40, () => stores.members.add(someMember({ roomId }), LATER));
    expect(await meter.spentBy(() => stores.members.list(roomId, NOW))).toMatchObject({ readUnits: 0.5 });
    await race(40, () => stores.members.add(someMember({ roomId }), LATER));
    expect(await meter.spentBy(() => stores.members.list(roomId, NOW))).toMatchObject({ readUnits: 1 });
  });

  test('a coming and a going: three write units each, one of them for the list', async () => {
    const { stores, meter } = on;
    const user = someUser();
    await stores.users.register(user, 'hash');
    const turned = async (next: Turn) => {
      const was = await stores.presence.get(user.id);
      return meter.spentBy(async () => (was === undefined ? 'changed' : stores.presence.turn(was, next)));
    };
    expect(await turned({ stage: 'arriving', at: NOW })).toMatchObject({ readUnits: 0, writeUnits: 2 });
    expect(await turned({ stage: 'online', at: NOW })).toMatchObject({ readUnits: 0, writeUnits: 1 });
    const leaving = { stage: 'leaving', at: NOW, lastSeenAt: NOW } as const;
    expect(await turned(leaving)).toMatchObject({ readUnits: 0, writeUnits: 1 });
    expect(await turned({ stage: 'offline', at: NOW })).toMatchObject({ readUnits: 0, writeUnits: 2 });
  });

  test('of a crowd no more is read than shows that it is one', async () => {
    const { stores, meter } = on;
    const roomId = someRoomId();
    await race(150, () => stores.members.add(someMember({ roomId }), LATER));
    const spent = await meter.spentBy(() => stores.members.few(roomId, NOW, 20));
    expect(spent).toMatchObject({ readUnits: 0.5 });
    expect(spent.calls).toHaveLength(1);
    expect(await meter.spentBy(() => stores.members.list(roomId, NOW))).toMatchObject({ readUnits: 2 });
  });

  test('disconnect from R rooms: 1 + R write units, no read', async () => {
    const { stores, meter } = on;
    const session = someSession();
    await stores.sessions.open(session, LATER);
    const rooms = [someRoomId(), someRoomId(), someRoomId()];
    await race(3, async (n) => {
      const roomId = rooms[n] ?? someRoomId();
      await stores.members.add(someMember({ ...session, roomId }), LATER);
      await stores.sessions.addRoom(session, { roomId, shard: 0 });
    });
    const spent = await meter.spentBy(async () => {
      const closed = await stores.sessions.close(session);
      await Promise.all(
        (closed?.rooms ?? []).map((room) => stores.members.remove(session.connectionId, room)),
      );
    });
    expect(spent).toMatchObject({ readUnits: 0, writeUnits: 4 });
    expect(spent.calls).toHaveLength(4);
  });
}

function messageCosts(on: Metered): void {
  test('a message costs one write unit per KB', async () => {
    const { stores, meter } = on;
    const short = await meter.spentBy(() =>
      stores.messages.append(someMessage({ content: 'x'.repeat(700) })),
    );
    const long = await meter.spentBy(() =>
      stores.messages.append(someMessage({ content: 'x'.repeat(10_000) })),
    );
    expect(short).toMatchObject({ readUnits: 0, writeUnits: 1 });
    expect(long).toMatchObject({ readUnits: 0, writeUnits: 10 });
  });

  test('a read receipt is one call of one write unit; a refused one asks why with one read unit', async () => {
    const { stores, meter } = on;
    const room = someRoom();
    const user = someUser();
    await stores.rooms.create(room, [user.id]);
    const receipt = { roomId: room.id, userId: user.id, messageId: messageId(1), readAt: NOW };
    const advanced = await meter.spentBy(() => stores.rooms.advanceReceipt(receipt));
    const refused = await meter.spentBy(() => stores.rooms.advanceReceipt(receipt));
    expect(advanced).toMatchObject({ readUnits: 0, writeUnits: 1 });
    expect(advanced.calls).toHaveLength(1);
    expect(refused.readUnits).toBe(1);
  });
}
