import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { key, partition, type Key } from '../../lambdas/adapters/dynamodb/keys.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { EngineSession } from '../../lambdas/ports/socketio.ts';
import { HOUR, NOW, race, someConnectionId } from './data.ts';
import {
  LATER,
  someEntry,
  someNamespace,
  somePolling,
  someSid,
  someSocket,
  someSocketId,
  type SocketIoTable,
} from './socketio-data.ts';

/** What lies in the table, beneath what the port shows. */
export function socketIoRowContract(subject: () => SocketIoTable): void {
  async function raw(row: Key): Promise<Record<string, unknown> | undefined> {
    const { client, tableName } = subject().table;
    return (await client.send(new GetCommand({ TableName: tableName, Key: row, ConsistentRead: true }))).Item;
  }

  async function countOf(pk: string): Promise<number> {
    const { client, tableName } = subject().table;
    const query = { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } };
    return (
      (await client.send(new QueryCommand({ TableName: tableName, ...query, Select: 'COUNT' }))).Count ?? 0
    );
  }

  describe('rows of the bridge', () => {
    test('no call on an unknown session creates one', async () => {
      const { sessions } = subject().stores;
      const [sid, connectionId] = [someSid(), someConnectionId()];
      await sessions.probe(sid, { connectionId, at: NOW });
      await sessions.upgrade(sid, connectionId, LATER);
      await sessions.pong(sid, NOW);
      await sessions.lease(sid, { token: 't', until: LATER }, NOW);
      await sessions.drain(sid, { max: 16 });
      await sessions.commit(sid, { disconnected: ['/'] });
      await sessions.enqueue(sid, ['4']);
      await sessions.setPartial(sid, [], ['{}']);
      await sessions.close(sid, { reason: 'x', at: NOW }, LATER);
      await sessions.claim(sid, '/', 'p');
      expect(await raw(key.engineSession(sid))).toBeUndefined();
    });

    test('whoever reads a ring removes what expired a while ago, and nothing else', async () => {
      const { sessions } = subject().stores;
      const [expired, fresh, live] = [1, 2, 3].map(() => somePolling({ sid: someSid('R') })) as [
        EngineSession,
        EngineSession,
        EngineSession,
      ];
      await sessions.open(expired, NOW);
      await sessions.open(fresh, NOW + 60_000);
      await sessions.open(live, LATER);
      const pages = sessions.ring('R', NOW + 61_000)[Symbol.asyncIterator]();
      while (!(await pages.next()).done);
      expect(await raw(key.engineSession(expired.sid))).toBeUndefined();
      expect(await raw(key.engineSession(fresh.sid))).toBeDefined();
      expect(await raw(key.engineSession(live.sid))).toBeDefined();
    });

    test('everything tells TTL when it expires, in epoch seconds', async () => {
      const { sessions, sockets, packets, acks } = subject().stores;
      const [session, entry, nsp] = [somePolling(), someEntry(), someNamespace()];
      await sessions.open(session, LATER);
      await sessions.forward(session.sid, 'p', someSid(), LATER);
      await sockets.add({ nsp }, entry, LATER);
      await packets.append({ nsp }, { offset: 'o', data: '[]', except: [] }, LATER);
      await acks.answer({ nsp, id: 1 }, { socketId: entry.socketId, args: '[]' }, LATER);
      const rows = [
        key.engineSession(session.sid),
        key.forward(session.sid, 'p'),
        key.socket({ nsp }, 0, entry.socketId),
        key.packet({ nsp }, 'o'),
        key.ack(nsp, 1, entry.socketId),
      ];
      for (const row of rows) expect(await raw(row)).toMatchObject({ expiresAt: LATER / 1_000 });
      await sessions.close(session.sid, { reason: 'x', at: NOW }, LATER + HOUR);
      expect(await raw(key.engineSession(session.sid))).toMatchObject({ expiresAt: (LATER + HOUR) / 1_000 });
    });

    test('40 entries of a room with a name of 24 characters fit into 4 KB', async () => {
      const entry = someEntry();
      const place = { nsp: '/', room: someSocketId().padEnd(24, 'x') };
      await subject().stores.sockets.add(place, entry, LATER);
      const row = (await raw(key.socket(place, 0, entry.socketId))) ?? {};
      const sizes = Object.entries(row).map(([name, value]) => name.length + sizeOf(value));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(102);
    });

    test('a room that has grown writes new sockets to all its shards, in every instance that asks', async () => {
      const place = { nsp: someNamespace(), room: 'r' };
      const { stores } = subject();
      const all = Array.from({ length: FAN_OUT.membersPerShard + 1 }, () => someEntry());
      for (let at = 0; at < all.length; at += 100)
        await race(Math.min(100, all.length - at), (n) =>
          stores.sockets.add(place, all[at + n] ?? someEntry(), LATER),
        );
      expect(await countOf(partition.sockets(place, 1))).toBe(0);
      await stores.sockets.list(place, NOW);
      const other = subject().another();
      for (const one of [stores, other]) await race(20, () => one.sockets.add(place, someEntry(), LATER));
      const header = 1;
      const [first, second] = [
        await countOf(partition.sockets(place, 0)),
        await countOf(partition.sockets(place, 1)),
      ];
      expect(first + second).toBe(all.length + 40 + header);
      // Of 40 sockets at least 5 on each side: fails once in ten million runs.
      expect(second).toBeGreaterThanOrEqual(5);
      expect(second).toBeLessThanOrEqual(35);
    });

    test('a write repeated by the SDK counts once', async () => {
      const { table, clock, another } = subject();
      const session = somePolling({ sockets: { '/': someSocket() } });
      const { sessions } = another();
      await sessions.open(session, LATER);
      const twice = { armed: false, sent: 0 };
      table.client.middlewareStack.add(
        (next) => async (args) => {
          const { output, response } = await next(args);
          if (!twice.armed) return { output, response };
          twice.armed = false;
          twice.sent += 1;
          return next(args); // the first answer was lost
        },
        { step: 'finalizeRequest', priority: 'low', name: 'sendTwice', override: true },
      );
      const lost = async <T>(work: () => Promise<T>): Promise<T> => {
        twice.armed = true;
        return work();
      };
      expect(await lost(() => sessions.commit(session.sid, { packets: ['4a'] }))).toEqual({
        outcome: 'committed',
      });
      expect((await sessions.get(session.sid))?.outbox).toEqual(['4a']);
      expect(await lost(() => sessions.setPartial(session.sid, [], ['{}']))).toBe('stored');
      expect(await lost(() => sessions.close(session.sid, { reason: 'x', at: clock.at }, NOW))).toMatchObject(
        {
          sid: session.sid,
          outbox: ['4a'],
        },
      );
      expect(twice.sent).toBe(3);
      table.client.middlewareStack.remove('sendTwice');
    });
  });
}

/** AWS "DynamoDB item sizes and formats": text is its UTF-8 bytes, a number about one byte per two digits plus one. */
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  return typeof value === 'number'
    ? Math.ceil(String(value).length / 2) + 1
    : Buffer.byteLength(String(value));
}
