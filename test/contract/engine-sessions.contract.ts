import { afterEach, describe, expect, test } from 'vitest';
import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';
import { NOW, race, someConnectionId } from './data.ts';
import {
  LATER,
  SECOND,
  type SocketIoSubject,
  somePolling,
  someSid,
  someSocket,
  someWebSocket,
} from './socketio-data.ts';

const CLOSED = { reason: 'transport close', at: NOW };

export function engineSessionContract(subject: () => SocketIoSubject): void {
  const sessions = () => subject().stores.sessions;
  afterEach(() => {
    subject().clock.at = NOW;
  });

  describe('EngineSessionStore', () => {
    test('an open session comes back as it was', async () => {
      const full = somePolling({
        probing: { connectionId: someConnectionId(), at: NOW + 1 },
        seenAt: NOW + 2,
        pingedAt: NOW + 3,
        base64: true,
        sockets: {
          '/': someSocket({ rooms: ['a'] }),
          '/x.y #ä': someSocket({ auth: '{"a":1}', data: '{"b":2}' }),
        },
        outbox: ['0{}', '4"ü"'],
        partial: ['{"header":1}'],
        poll: { token: 't', until: LATER },
        closed: CLOSED,
      });
      for (const session of [somePolling(), someWebSocket(), full]) {
        await sessions().open(session, LATER);
        expect(await sessions().get(session.sid)).toEqual(session);
      }
    });

    test('whatever a client names as its sid is answered', async () => {
      for (const sid of ['', '#', '!', ' ', 'a'.repeat(5_000), 'ÿ😀', '\u{d800}', '__proto__', someSid()])
        expect(await sessions().get(sid as EngineId)).toBeUndefined();
    });

    test('an expired session counts as gone, for every call', async () => {
      const probing = { connectionId: someConnectionId(), at: NOW };
      const socket = someSocket();
      const session = somePolling({ probing, sockets: { '/': socket }, outbox: ['4'] });
      const { sid } = session;
      await sessions().open(session, NOW);

      expect(await sessions().get(sid)).toBeUndefined();
      expect(await sessions().probe(sid, probing)).toBe('unknown');
      expect(await sessions().upgrade(sid, probing.connectionId, LATER)).toBe('refused');
      expect(await sessions().lease(sid, { token: 't', until: LATER }, NOW)).toBe('closed');
      expect(await sessions().drain(sid, { max: 16 })).toBe('lost');
      expect(await sessions().commit(sid, { packets: ['4'] })).toEqual({ outcome: 'closed' });
      expect(await sessions().enqueue(sid, ['4'])).toBe('gone');
      expect(await sessions().setPartial(sid, [], ['{}'])).toBe('changed');
      expect(await sessions().claim(sid, '/', socket.pid ?? '')).toBeUndefined();
      expect(await sessions().close(sid, CLOSED, LATER)).toBeUndefined();
      await sessions().pong(sid, NOW + SECOND);
      expect(await sessions().get(sid)).toBeUndefined();
    });

    test('a pong notes when; the latest counts', async () => {
      const { sid } = await opened(subject, someWebSocket());
      await sessions().pong(sid, NOW + 2);
      await sessions().pong(sid, NOW + 1);
      expect((await sessions().get(sid))?.seenAt).toBe(NOW + 2);
    });

    test('a pong of nobody opens nothing', async () => {
      const sid = someSid();
      await sessions().pong(sid, NOW);
      expect(await sessions().get(sid)).toBeUndefined();
    });

    test('closing gives the session as it was, and keeps it', async () => {
      const session = await opened(
        subject,
        someWebSocket({ sockets: { '/': someSocket({ rooms: ['a'] }) } }),
      );
      expect(await sessions().close(session.sid, CLOSED, LATER)).toEqual(session);
      expect(await sessions().get(session.sid)).toEqual({ ...session, closed: CLOSED });
      subject().clock.at = LATER;
      expect(await sessions().get(session.sid)).toBeUndefined();
    });

    test('a session closed for no time at all is gone', async () => {
      const session = await opened(subject, someWebSocket());
      expect(await sessions().close(session.sid, CLOSED, NOW)).toEqual(session);
      expect(await sessions().get(session.sid)).toBeUndefined();
    });

    test('of 30 racing closes exactly one gets the session', async () => {
      const { sid } = await opened(subject, someWebSocket());
      const closed = await race(30, () => sessions().close(sid, CLOSED, LATER));
      expect(closed.filter((session) => session !== undefined)).toHaveLength(1);
    });

    test('a closed session takes nothing any more', async () => {
      const probing = { connectionId: someConnectionId(), at: NOW };
      const { sid } = await opened(subject, somePolling({ probing }));
      await sessions().close(sid, CLOSED, LATER);
      const before = await sessions().get(sid);

      expect(await sessions().probe(sid, probing)).toBe('unknown');
      expect(await sessions().upgrade(sid, probing.connectionId, LATER)).toBe('refused');
      expect(await sessions().lease(sid, { token: 't', until: LATER }, NOW)).toBe('closed');
      expect(await sessions().commit(sid, { sockets: { '/': { connect: someSocket() } } })).toEqual({
        outcome: 'closed',
      });
      expect(await sessions().enqueue(sid, ['4'])).toBe('gone');
      expect(await sessions().setPartial(sid, [], ['{}'])).toBe('changed');
      await sessions().pong(sid, NOW + SECOND);
      expect(await sessions().get(sid)).toEqual(before);
    });

    test('partial packets are replaced only if they are what the caller saw', async () => {
      const { sid } = await opened(subject, someWebSocket());
      expect(await sessions().setPartial(sid, [], ['{"a":1}'])).toBe('stored');
      expect(await sessions().setPartial(sid, [], ['{"b":1}'])).toBe('changed');
      expect(await sessions().setPartial(sid, ['{"a":1}'], ['{"a":2}', '{"b":1}'])).toBe('stored');
      expect(await sessions().setPartial(sid, ['{"a":1}'], [])).toBe('changed');
      expect((await sessions().get(sid))?.partial).toEqual(['{"a":2}', '{"b":1}']);
      expect(await sessions().setPartial(sid, ['{"a":2}', '{"b":1}'], [])).toBe('stored');
      expect((await sessions().get(sid))?.partial).toEqual([]);
    });

    test('of 20 racing replacements of partial packets one is stored', async () => {
      const { sid } = await opened(subject, someWebSocket());
      const outcomes = await race(20, (n) => sessions().setPartial(sid, [], [`{"n":${n}}`]));
      expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
    });

    test('more partial packets than may be kept are too large', async () => {
      const { sid } = await opened(subject, someWebSocket());
      const text = 'a'.repeat(SOCKETIO_SESSION.partialBytes);
      expect(await sessions().setPartial(sid, [], [text])).toBe('stored');
      await expect(sessions().setPartial(sid, [text], [text, 'b'])).rejects.toMatchObject({
        code: 'too_large',
      });
    });
  });
}

export function upgradeContract(subject: () => SocketIoSubject): void {
  const sessions = () => subject().stores.sessions;

  describe('EngineSessionStore: upgrade', () => {
    test('the probing connection takes the session over, and what waited for a poll', async () => {
      const session = await opened(
        subject,
        somePolling({ outbox: ['4a', '4b'], partial: ['{}'], pingedAt: NOW }),
      );
      const connectionId = someConnectionId();
      const probing = { connectionId, at: NOW };
      await sessions().lease(session.sid, { token: 't', until: LATER }, NOW);
      expect(await sessions().probe(session.sid, probing)).toBe('probing');

      const before = await sessions().upgrade(session.sid, connectionId, LATER);

      expect(before).toEqual({ ...session, probing, poll: { token: 't', until: LATER } });
      const { pingedAt: _pingedAt, ...kept } = session;
      expect(await sessions().get(session.sid)).toEqual({
        ...kept,
        transport: 'websocket',
        connectionId,
        outbox: [],
      });
    });

    test('an upgrade sets how long the session lives', async () => {
      const { sid } = await opened(subject, somePolling(), NOW + SECOND);
      const connectionId = someConnectionId();
      await sessions().probe(sid, { connectionId, at: NOW });
      await sessions().upgrade(sid, connectionId, LATER);
      subject().clock.at = LATER - SECOND;
      expect((await sessions().get(sid))?.connectionId).toBe(connectionId);
      subject().clock.at = NOW;
    });

    test('only the connection that probed last may upgrade, once', async () => {
      const { sid } = await opened(subject, somePolling());
      const [first, second] = [someConnectionId(), someConnectionId()];
      expect(await sessions().upgrade(sid, first, LATER)).toBe('refused');
      await sessions().probe(sid, { connectionId: first, at: NOW });
      await sessions().probe(sid, { connectionId: second, at: NOW });
      expect(await sessions().upgrade(sid, first, LATER)).toBe('refused');
      const upgrades = await race(10, () => sessions().upgrade(sid, second, LATER));
      expect(upgrades.filter((outcome) => outcome !== 'refused')).toHaveLength(1);
    });

    test('a session on a WebSocket cannot be probed, nor can a stranger', async () => {
      const probing = { connectionId: someConnectionId(), at: NOW };
      const { sid } = await opened(subject, someWebSocket());
      expect(await sessions().probe(sid, probing)).toBe('upgraded');
      expect(await sessions().probe(someSid(), probing)).toBe('unknown');
      expect((await sessions().get(sid))?.probing).toBeUndefined();
    });

    test('packets appended while the session moves are taken over or sent to the connection, never lost or doubled', async () => {
      const { sid } = await opened(subject, somePolling());
      const connectionId = someConnectionId();
      await sessions().probe(sid, { connectionId, at: NOW });

      const [outcomes, before] = await Promise.all([
        race(20, (n) => sessions().enqueue(sid, [`4${n}`])),
        sessions().upgrade(sid, connectionId, LATER),
      ]);

      const taken = before === 'refused' ? [] : before.outbox;
      const queued = outcomes.flatMap((outcome, n) => (outcome === 'queued' ? [`4${n}`] : []));
      expect(taken.toSorted()).toEqual(queued.toSorted());
      for (const outcome of outcomes.filter((other) => other !== 'queued'))
        expect(outcome).toEqual({ connectionId });
      expect((await sessions().get(sid))?.outbox).toEqual([]);
    });
  });
}

export async function opened<T extends Parameters<SocketIoSubject['stores']['sessions']['open']>[0]>(
  subject: () => SocketIoSubject,
  session: T,
  expiresAt: number = LATER,
): Promise<T> {
  await subject().stores.sessions.open(session, expiresAt);
  return session;
}
