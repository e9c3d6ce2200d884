/** What each step of the bridge costs, by DynamoDB's own account (docs/data-model.md). */
import { beforeAll, describe, expect, test } from 'vitest';
import type { SocketIoStores } from '../../lambdas/ports/socketio.ts';
import { type CapacityMeter, meterCapacity } from '../support/capacity-meter.ts';
import { NOW, race, someConnectionId } from './data.ts';
import {
  LATER,
  someAuth,
  someEntry,
  someNamespace,
  somePolling,
  someSid,
  someSocket,
  someSocketId,
  someWebSocket,
  type SocketIoTable,
} from './socketio-data.ts';

interface Metered {
  /** A warm instance: it has seen the namespace. */
  stores: SocketIoStores;
  meter: CapacityMeter;
}

/** A browser's session with a token, a pid and three rooms: as large as rows usually get. */
const socket = () =>
  someSocket({ auth: someAuth(), data: '{"user":"64f0c0ffee"}', rooms: ['a', 'b', 'general'] });

export function socketIoCapacityContract(subject: () => SocketIoTable): void {
  const on = {} as Metered;
  beforeAll(() => {
    const { table, another } = subject();
    Object.assign(on, { stores: another(), meter: meterCapacity(table.client) });
  });
  describe('capacity: sessions of the bridge', () => sessionCosts(on));
  describe('capacity: polls of the bridge', () => pollCosts(on));
  describe('capacity: sockets, packets and acks', () => indexCosts(on));
}

const once = (readUnits: number, writeUnits: number) => ({ readUnits, writeUnits, calls: { length: 1 } });

function sessionCosts(on: Metered): void {
  test('open, connect, pong and close of a browser with a token: one write of one unit each', async () => {
    const { stores, meter } = on;
    const session = someWebSocket();
    const { sid } = session;
    const connect = { sockets: { '/': { connect: socket() } } };
    expect(await meter.spentBy(() => stores.sessions.open(session, LATER))).toMatchObject(once(0, 1));
    expect(await meter.spentBy(() => stores.sessions.commit(sid, connect))).toMatchObject(once(0, 1));
    expect(await meter.spentBy(() => stores.sessions.pong(sid, NOW + 1))).toMatchObject(once(0, 1));
    const closed = { reason: 'transport close', at: NOW };
    expect(await meter.spentBy(() => stores.sessions.close(sid, closed, LATER))).toMatchObject(once(0, 1));
  });

  test('get: one read unit; a commit of rooms and data: one write unit; of nothing: nothing', async () => {
    const { stores, meter } = on;
    const { sid } = await open(on, someWebSocket({ sockets: { '/': socket() } }));
    const changes = {
      sockets: { '/': { data: '{"user":"64f0c0ffee","room":"b"}' } },
      joined: [{ nsp: '/', room: 'x' }],
      left: [{ nsp: '/', room: 'a' }],
    };
    expect(await meter.spentBy(() => stores.sessions.get(sid))).toMatchObject(once(1, 0));
    expect(await meter.spentBy(() => stores.sessions.get(sid, 'eventual'))).toMatchObject(once(0.5, 0));
    expect(await meter.spentBy(() => stores.sessions.commit(sid, changes))).toMatchObject(once(0, 1));
    expect((await meter.spentBy(() => stores.sessions.commit(sid, {}))).calls).toEqual([]);
  });

  test('probe and upgrade: one write of one unit each', async () => {
    const { stores, meter } = on;
    const { sid } = await open(on, somePolling({ sockets: { '/': someSocket() } }));
    const connectionId = someConnectionId();
    const probing = { connectionId, at: NOW };
    expect(await meter.spentBy(() => stores.sessions.probe(sid, probing))).toMatchObject(once(0, 1));
    expect(await meter.spentBy(() => stores.sessions.upgrade(sid, connectionId, LATER))).toMatchObject(
      once(0, 1),
    );
  });

  test('packets for a session that has moved: one refused write and one read', async () => {
    const { stores, meter } = on;
    const { sid } = await open(on, someWebSocket());
    const spent = await meter.spentBy(() => stores.sessions.enqueue(sid, ['4']));
    expect(spent.calls).toEqual(['GetItem']); // the meter does not see what was refused
    expect(spent.readUnits).toBe(1);
  });

  test('a ring without sessions: one query', async () => {
    const spent = await on.meter.spentBy(async () => {
      for await (const page of on.stores.sessions.ring('-', NOW)) expect(page).toEqual([]);
    });
    // Local DynamoDBs ask nothing for an answer without rows; DynamoDB asks half a unit.
    expect(spent).toMatchObject({ calls: ['Query'], writeUnits: 0 });
  });
}

function pollCosts(on: Metered): void {
  test('a poll: one write to wait, one to take 16 packets', async () => {
    const { stores, meter } = on;
    const { sid } = await open(on, somePolling({ sockets: { '/': someSocket() } }));
    const poll = { token: someSocketId(), until: LATER };
    expect(await meter.spentBy(() => stores.sessions.lease(sid, poll, NOW))).toMatchObject(once(0, 1));
    const packets = Array.from({ length: 16 }, (_, n) => `42["e",${n}]`);
    expect(await meter.spentBy(() => stores.sessions.enqueue(sid, packets))).toMatchObject(once(0, 1));
    const drain = { token: poll.token, max: 16 };
    expect(await meter.spentBy(() => stores.sessions.drain(sid, drain))).toMatchObject(once(0, 1));
  });
}

function indexCosts(on: Metered): void {
  test('adding, finding and removing a socket: one unit each and half a one, in an instance that knows the namespace', async () => {
    const { stores, meter } = on;
    const [nsp, entry] = [someNamespace(), someEntry()];
    const { socketId } = entry;
    const cold = await meter.spentBy(() => stores.sockets.add({ nsp }, entry, LATER));
    expect(cold).toMatchObject({ readUnits: 0.5, writeUnits: 1 });
    for (const place of [{ nsp }, { nsp, room: 'a room nobody has seen' }]) {
      expect(await meter.spentBy(() => stores.sockets.add(place, entry, LATER))).toMatchObject(once(0, 1));
      if (!('room' in place))
        expect(await meter.spentBy(() => stores.sockets.find(nsp, socketId, NOW))).toMatchObject(
          once(0.5, 0),
        );
      expect(await meter.spentBy(() => stores.sockets.remove(place, entry))).toMatchObject(once(0, 1));
    }
  });

  test('listing a room of 40: one call, half a read unit', async () => {
    const { stores, meter } = on;
    const place = { nsp: '/', room: someSocketId().padEnd(24, 'x') };
    await race(40, () => stores.sockets.add(place, someEntry(), LATER));
    expect(await meter.spentBy(() => stores.sockets.list(place, NOW))).toMatchObject(once(0.5, 0));
    expect(await meter.spentBy(() => stores.sockets.list(place, NOW, 'strong'))).toMatchObject(once(1, 0));
  });

  test('logging a packet, answering an ack: one write unit; reading them: one read unit', async () => {
    const { stores, meter } = on;
    const nsp = someNamespace();
    const packet = { offset: someSocketId(), data: '["e"]', except: [] };
    const answer = { socketId: someSocketId(), args: '[]' };
    const ack = { nsp, id: 5 };
    const { packets, acks } = stores;
    expect(await meter.spentBy(() => packets.append({ nsp }, packet, LATER))).toMatchObject(once(0, 1));
    expect(await meter.spentBy(() => packets.since({ nsp }, '', NOW))).toMatchObject(once(1, 0));
    expect(await meter.spentBy(() => acks.answer(ack, answer, LATER))).toMatchObject(once(0, 1));
    expect(await meter.spentBy(() => acks.answers(ack))).toMatchObject(once(1, 0));
  });

  test('forwarding a pid and following it: one unit each', async () => {
    const { stores, meter } = on;
    const [from, to] = [someSid(), someSid()];
    const pid = `${from}~${someSocketId()}`;
    const { sessions } = stores;
    expect(await meter.spentBy(() => sessions.forward(from, pid, to, LATER))).toMatchObject(once(0, 1));
    expect(await meter.spentBy(() => sessions.forwarded(from, pid))).toMatchObject(once(1, 0));
    const session = await open(on, someWebSocket({ sockets: { '/': someSocket({ pid }) } }));
    expect(await meter.spentBy(() => sessions.claim(session.sid, '/', pid))).toMatchObject(once(0, 1));
  });
}

async function open<T extends Parameters<SocketIoStores['sessions']['open']>[0]>(
  on: Metered,
  session: T,
): Promise<T> {
  await on.stores.sessions.open(session, LATER);
  return session;
}
