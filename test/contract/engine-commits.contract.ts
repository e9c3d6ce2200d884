import { describe, expect, test } from 'vitest';
import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import type { EngineSession, SessionChanges, StoredSocket } from '../../lambdas/ports/socketio.ts';
import { race, someConnectionId, sorted } from './data.ts';
import { opened } from './engine-sessions.contract.ts';
import { type SocketIoSubject, somePolling, someSid, someSocket, someWebSocket } from './socketio-data.ts';

const COMMITTED = { outcome: 'committed' };
const join = (...rooms: readonly string[]) => rooms.map((room) => ({ nsp: '/', room }));

/** Sets of rooms come in no order. */
function inOrder(session: EngineSession | undefined): Record<string, StoredSocket> {
  const sockets = Object.entries(session?.sockets ?? {});
  return Object.fromEntries(
    sockets.map(([nsp, socket]) => [nsp, { ...socket, rooms: sorted(socket.rooms) }]),
  );
}

export function commitContract(subject: () => SocketIoSubject): void {
  const sessions = () => subject().stores.sessions;
  const socketsOf = async (sid: EngineSession['sid']) => inOrder(await sessions().get(sid));

  describe('EngineSessionStore: commit', () => {
    test('a socket connects, changes and leaves', async () => {
      const session = await opened(subject, somePolling());
      const socket = someSocket({ auth: '{"token":"t"}', rooms: ['a'] });
      const commit = (changes: SessionChanges) => sessions().commit(session.sid, changes);

      expect(await commit({ sockets: { '/': { connect: socket } }, packets: ['40{}'] })).toEqual(COMMITTED);
      expect(await sessions().get(session.sid)).toEqual({
        ...session,
        sockets: { '/': socket },
        joined: true,
        outbox: ['40{}'],
      });

      const data = '{"name":"Anna"}';
      expect(
        await commit({
          sockets: { '/': { data } },
          joined: join('b', 'c'),
          left: join('a'),
          packets: ['4x'],
        }),
      ).toEqual(COMMITTED);
      expect(await socketsOf(session.sid)).toEqual({ '/': { ...socket, data, rooms: ['b', 'c'] } });
      expect((await sessions().get(session.sid))?.outbox).toEqual(['40{}', '4x']);

      expect(await commit({ disconnected: ['/'] })).toEqual(COMMITTED);
      expect(await sessions().get(session.sid)).toEqual({
        ...session,
        joined: true,
        outbox: ['40{}', '4x'],
      });
    });

    test('a socket is tagged when it connects, or later, and keeps its data', async () => {
      const { sid } = await opened(subject, someWebSocket());
      const [one, other] = [someSocket({ tag: 'chats', data: '{"x":1}' }), someSocket({ data: '{"x":2}' })];
      const connect = { '/': { connect: one }, '/b': { connect: other } };
      await sessions().commit(sid, { sockets: connect });
      expect(await socketsOf(sid)).toEqual({ '/': one, '/b': other });
      expect(await sessions().commit(sid, { sockets: { '/b': { tag: 'rooms' } } })).toEqual(COMMITTED);
      expect(await socketsOf(sid)).toEqual({ '/': one, '/b': { ...other, tag: 'rooms' } });
    });

    test('rooms joined and data set by the run that connects are there', async () => {
      const { sid } = await opened(subject, someWebSocket());
      const socket = someSocket({ rooms: ['a', 'b'] });
      await sessions().commit(sid, {
        sockets: { '/': { connect: socket, data: '{"x":1}' } },
        joined: join('c'),
        left: join('a'),
      });
      expect(await socketsOf(sid)).toEqual({ '/': { ...socket, data: '{"x":1}', rooms: ['b', 'c'] } });
    });

    test('any name will do for a room or a namespace', async () => {
      const names = [
        '',
        ' ',
        '#',
        '.',
        ':a',
        'a.b[0]',
        '"\\',
        '__proto__',
        'size',
        'ä😀',
        '/',
        'x'.repeat(1_000),
      ];
      const sockets = Object.fromEntries(
        names.slice(0, -1).map((name) => [`/${name}`, { connect: someSocket() }]),
      );
      const { sid } = await opened(subject, someWebSocket());
      await sessions().commit(sid, { sockets });
      const joined = names.flatMap((room) => Object.keys(sockets).map((nsp) => ({ nsp, room })));
      for (let at = 0; at < joined.length; at += 50)
        expect(await sessions().commit(sid, { joined: joined.slice(at, at + 50) })).toEqual(COMMITTED);
      const after = await socketsOf(sid);
      expect(Object.keys(after).toSorted()).toEqual(Object.keys(sockets).toSorted());
      for (const socket of Object.values(after)) expect(socket.rooms).toEqual(sorted(names));
      await sessions().commit(sid, { left: joined.filter(({ nsp }) => nsp === '/#') });
      expect((await socketsOf(sid))['/#']?.rooms).toEqual([]);
    });

    test('300 rooms joined and left by one run', async () => {
      const rooms = Array.from({ length: 300 }, (_, n) => `room-${n}`);
      const { sid } = await opened(
        subject,
        someWebSocket({ sockets: { '/': someSocket({ rooms: ['old'] }) } }),
      );
      expect(await sessions().commit(sid, { joined: join(...rooms), left: join('old') })).toEqual(COMMITTED);
      expect((await socketsOf(sid))['/']?.rooms).toEqual(sorted(rooms));
      await sessions().commit(sid, { left: join(...rooms) });
      expect((await socketsOf(sid))['/']?.rooms).toEqual([]);
    });

    test('what other runs change meanwhile stays', async () => {
      const { sid } = await opened(subject, somePolling({ sockets: { '/': someSocket() } }));
      await race(20, (n) =>
        sessions().commit(sid, {
          joined: join(String(n)),
          packets: [`4${n}`],
          sockets: { [`/${n}`]: { connect: someSocket() } },
        }),
      );
      const after = await sessions().get(sid);
      expect(after?.sockets['/']?.rooms).toHaveLength(20);
      expect(after?.outbox).toHaveLength(20);
      expect(Object.keys(after?.sockets ?? {})).toHaveLength(21);
    });

    test('a namespace that has a socket takes no other; nothing else is written', async () => {
      const socket = someSocket();
      const session = await opened(subject, somePolling({ sockets: { '/': socket } }));
      const changes = { sockets: { '/': { connect: someSocket() } }, joined: join('a'), packets: ['4'] };
      expect(await sessions().commit(session.sid, changes)).toEqual({ outcome: 'conflict' });
      expect(await sessions().get(session.sid)).toEqual(session);
    });

    test('of 10 racing connects to a namespace one succeeds', async () => {
      const { sid } = await opened(subject, someWebSocket());
      const outcomes = await race(10, () =>
        sessions().commit(sid, { sockets: { '/': { connect: someSocket() } } }),
      );
      expect(outcomes.filter(({ outcome }) => outcome === 'committed')).toHaveLength(1);
      expect(outcomes.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(9);
    });

    test('a socket that leaves and comes back in one run is a new one', async () => {
      const { sid } = await opened(
        subject,
        someWebSocket({ sockets: { '/': someSocket({ rooms: ['a'] }) } }),
      );
      const socket = someSocket();
      expect(
        await sessions().commit(sid, { disconnected: ['/'], sockets: { '/': { connect: socket } } }),
      ).toEqual(COMMITTED);
      expect(await socketsOf(sid)).toEqual({ '/': socket });
    });

    test('packets of a session that has moved go elsewhere; everything else is written', async () => {
      const session = await opened(subject, someWebSocket({ sockets: { '/': someSocket() } }));
      const moved = { outcome: 'moved', connectionId: session.connectionId };
      expect(await sessions().commit(session.sid, { packets: ['4'], joined: join('a') })).toEqual(moved);
      expect((await socketsOf(session.sid))['/']?.rooms).toEqual(['a']);
      expect(await sessions().commit(session.sid, { packets: ['4'] })).toEqual(moved);
      expect((await sessions().get(session.sid))?.outbox).toEqual([]);
    });

    test('changes of a socket that is gone come too late; everything else is written', async () => {
      const { sid } = await opened(subject, somePolling());
      const changes = {
        sockets: { '/': { data: '{"x":1}' } },
        joined: join('a'),
        left: join('b'),
        packets: ['4'],
      };
      expect(await sessions().commit(sid, changes)).toEqual(COMMITTED);
      expect(await sessions().get(sid)).toMatchObject({ sockets: {}, outbox: ['4'] });
      for (const late of [{ joined: join('a') }, { left: join('b') }, { sockets: { '/': { data: '{}' } } }])
        expect(await sessions().commit(sid, late)).toEqual(COMMITTED);
    });

    test('nothing is written to a session that is gone', async () => {
      const sid = someSid();
      const changes = { disconnected: ['/'], packets: ['4'] };
      expect(await sessions().commit(sid, changes)).toEqual({ outcome: 'closed' });
      expect(await sessions().get(sid)).toBeUndefined();
    });

    test('nothing to change is committed, whatever the session is', async () => {
      expect(await sessions().commit(someSid(), {})).toEqual(COMMITTED);
      expect(await sessions().commit(someSid(), { packets: [], joined: [], sockets: { '/': {} } })).toEqual(
        COMMITTED,
      );
    });
  });

  commitLimits(subject);
}

function commitLimits(subject: () => SocketIoSubject): void {
  const sessions = () => subject().stores.sessions;
  const FULL = { outcome: 'full' };

  describe('EngineSessionStore: limits of a commit', () => {
    test('namespaces, not counting those left', async () => {
      const most = SOCKETIO_SESSION.namespaces;
      const all = Object.fromEntries(
        Array.from({ length: most }, (_, n) => [`/${n}`, { connect: someSocket() }]),
      );
      const { sid } = await opened(subject, someWebSocket());
      const connect = (nsp: string, disconnected: readonly string[] = []) =>
        sessions().commit(sid, { sockets: { [nsp]: { connect: someSocket() } }, disconnected });
      expect(await sessions().commit(sid, { sockets: all })).toEqual(COMMITTED);
      expect(await connect('/more')).toEqual(FULL);
      expect(await connect('/more', ['/0'])).toEqual(COMMITTED);
      expect(Object.keys((await sessions().get(sid))?.sockets ?? {})).toHaveLength(most);
    });

    test('rooms of a socket; those it is in do not count twice', async () => {
      const most = SOCKETIO_SESSION.roomsPerSocket;
      const rooms = Array.from({ length: most }, (_, n) => String(n));
      const { sid } = await opened(
        subject,
        someWebSocket({ sockets: { '/': someSocket({ rooms: rooms.slice(1) }) } }),
      );
      expect(await sessions().commit(sid, { joined: join('0', 'x') })).toEqual(FULL);
      expect(await sessions().commit(sid, { joined: join('1', '0') })).toEqual(COMMITTED);
      expect(await sessions().commit(sid, { joined: join('x') })).toEqual(FULL);
      expect(await sessions().commit(sid, { joined: join('1') })).toEqual(COMMITTED);
      expect(await sessions().commit(sid, { joined: join('x'), left: join('2') })).toEqual(COMMITTED);
      expect((await sessions().get(sid))?.sockets['/']?.rooms).toHaveLength(most);
    });

    test('bytes of data, auth and names', async () => {
      const { dataBytes, authBytes, nameBytes } = SOCKETIO_SESSION;
      const { sid } = await opened(subject, someWebSocket({ sockets: { '/': someSocket() } }));
      const commit = (changes: SessionChanges) => sessions().commit(sid, changes);
      const umlauts = (bytes: number) => 'ä'.repeat(bytes / 2);
      expect(await commit({ sockets: { '/': { data: `${umlauts(dataBytes)}x` } } })).toEqual(FULL);
      expect(await commit({ sockets: { '/': { data: umlauts(dataBytes) } } })).toEqual(COMMITTED);
      const auth = umlauts(authBytes);
      expect(await commit({ sockets: { '/a': { connect: someSocket({ auth: `${auth}x` }) } } })).toEqual(
        FULL,
      );
      expect(await commit({ sockets: { '/a': { connect: someSocket({ auth }) } } })).toEqual(COMMITTED);
      expect(await commit({ joined: join('r'.repeat(nameBytes + 1)) })).toEqual(FULL);
      expect(await commit({ joined: join('r'.repeat(nameBytes)) })).toEqual(COMMITTED);
      expect(await commit({ sockets: { [`/${umlauts(nameBytes)}`]: { connect: someSocket() } } })).toEqual(
        FULL,
      );
    });

    test('a session that would be larger than a row may be', async () => {
      const { sid } = await opened(subject, someWebSocket());
      const socket = () => someSocket({ data: 'x'.repeat(SOCKETIO_SESSION.dataBytes) });
      const outcomes: string[] = [];
      for (let n = 0; n < 7; n += 1) {
        const { outcome } = await sessions().commit(sid, { sockets: { [`/${n}`]: { connect: socket() } } });
        outcomes.push(outcome);
      }
      expect(outcomes.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'committed'));
      expect(outcomes.at(-1)).toBe('full');
    });
  });
}

export function enqueueContract(subject: () => SocketIoSubject): void {
  const sessions = () => subject().stores.sessions;

  describe('EngineSessionStore: enqueue', () => {
    test('appends in order', async () => {
      const { sid } = await opened(subject, somePolling({ outbox: ['4a'] }));
      expect(await sessions().enqueue(sid, ['4b', '4c'])).toBe('queued');
      expect(await sessions().enqueue(sid, ['4b'])).toBe('queued');
      expect((await sessions().get(sid))?.outbox).toEqual(['4a', '4b', '4c', '4b']);
    });

    test('names the connection of a session that has moved', async () => {
      const connectionId = someConnectionId();
      const { sid } = await opened(subject, someWebSocket({ connectionId }));
      expect(await sessions().enqueue(sid, ['4'])).toEqual({ connectionId });
      expect(await sessions().enqueue(someSid(), ['4'])).toBe('gone');
    });

    test('is full at its limit, to the byte', async () => {
      const { outboxBytes, packetBytes } = SOCKETIO_SESSION;
      const { sid } = await opened(subject, somePolling());
      expect(await sessions().enqueue(sid, ['4'.repeat(outboxBytes)])).toBe('full');
      expect(await sessions().enqueue(sid, ['ä'.repeat((outboxBytes - 4 * packetBytes) / 2)])).toBe('queued');
      expect(await sessions().enqueue(sid, ['4'.repeat(2 * packetBytes)])).toBe('queued');
      expect(await sessions().enqueue(sid, [''])).toBe('full');
    });

    test('20 racing packets are all there, once', async () => {
      const { sid } = await opened(subject, somePolling());
      const packets = Array.from({ length: 20 }, (_, n) => `4${n}`);
      await race(20, (n) => sessions().enqueue(sid, packets.slice(n, n + 1)));
      expect(sorted((await sessions().get(sid))?.outbox ?? [])).toEqual(sorted(packets));
    });
  });
}
