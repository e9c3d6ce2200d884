import { afterEach, describe, expect, test } from 'vitest';
import type { EngineId, EngineSession } from '../../lambdas/ports/socketio.ts';
import { NOW, race, sorted } from './data.ts';
import { opened } from './engine-sessions.contract.ts';
import {
  LATER,
  type SocketIoSubject,
  somePolling,
  someSid,
  someSocket,
  someWebSocket,
} from './socketio-data.ts';

export function recoveryContract(subject: () => SocketIoSubject): void {
  const sessions = () => subject().stores.sessions;
  afterEach(() => {
    subject().clock.at = NOW;
  });

  describe('EngineSessionStore: recovery', () => {
    test.each(['open', 'closed'])('a socket of an %s session is taken out, once', async (state) => {
      const [socket, other] = [someSocket({ rooms: ['a'], data: '{"x":1}' }), someSocket()];
      const session = await opened(subject, someWebSocket({ sockets: { '/': socket, '/b': other } }));
      if (state === 'closed') await sessions().close(session.sid, { reason: 'ping timeout', at: NOW }, LATER);
      const before = await sessions().get(session.sid);

      const claimed = await sessions().claim(session.sid, '/', socket.pid ?? '');

      expect(claimed).toEqual({ socket, session: before });
      expect((await sessions().get(session.sid))?.sockets).toEqual({ '/b': other });
      expect(await sessions().claim(session.sid, '/', socket.pid ?? '')).toBeUndefined();
    });

    test('of 20 racing claims one gets the socket', async () => {
      const socket = someSocket();
      const { sid } = await opened(subject, someWebSocket({ sockets: { '/': socket } }));
      const claims = await race(20, () => sessions().claim(sid, '/', socket.pid ?? ''));
      expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    });

    test('who does not know the pid, the namespace or the session gets nothing', async () => {
      const { pid: _pid, ...withoutPid } = someSocket();
      const socket = someSocket();
      const session = await opened(subject, someWebSocket({ sockets: { '/': socket, '/b': withoutPid } }));
      const claim = (sid: EngineId, nsp: string, pid = socket.pid ?? '') => sessions().claim(sid, nsp, pid);
      expect(await claim(session.sid, '/', 'guess')).toBeUndefined();
      expect(await claim(session.sid, '/', '')).toBeUndefined();
      expect(await claim(session.sid, '/b', '')).toBeUndefined();
      expect(await claim(session.sid, '/b')).toBeUndefined();
      expect(await claim(session.sid, '/c')).toBeUndefined();
      expect(await claim(someSid(), '/')).toBeUndefined();
      expect(await sessions().get(session.sid)).toEqual(session);
    });

    test('a pid is forwarded to the session that recovered it, for a time', async () => {
      const [from, first, second] = [someSid(), someSid(), someSid()];
      expect(await sessions().forwarded(from, 'p')).toBeUndefined();
      await sessions().forward(from, 'p', first, NOW + 5_000);
      await sessions().forward(from, 'p', second, LATER);
      expect(await sessions().forwarded(from, 'p')).toBe(second);
      expect(await sessions().forwarded(from, 'q')).toBeUndefined();
      expect(await sessions().forwarded(first, 'p')).toBeUndefined();
      subject().clock.at = LATER;
      expect(await sessions().forwarded(from, 'p')).toBeUndefined();
    });

    test('whatever a client says its pid is, is answered', async () => {
      for (const text of ['', '#', '~', 'x'.repeat(5_000), '\u{dfff}'])
        expect(await sessions().forwarded(text as EngineId, text)).toBeUndefined();
    });
  });
}

export function ringContract(subject: () => SocketIoSubject): void {
  async function ring(name: string, at: number): Promise<readonly EngineSession[]> {
    const found: EngineSession[] = [];
    for await (const page of subject().stores.sessions.ring(name, at)) found.push(...page);
    return found;
  }
  const sids = (all: readonly EngineSession[]) => sorted(all.map(({ sid }) => sid));

  describe('EngineSessionStore: ring', () => {
    test('lists the sessions of that ring only, closed ones too, expired ones not', async () => {
      const open = await opened(subject, somePolling({ sid: someSid('X'), sockets: { '/': someSocket() } }));
      const closed = await opened(
        subject,
        someWebSocket({ sid: someSid('X'), closed: { reason: 'ping timeout', at: NOW } }),
      );
      await opened(subject, someWebSocket({ sid: someSid('X') }), NOW + 1_000);
      await opened(subject, someWebSocket({ sid: someSid('Y') }));

      const found = await ring('X', NOW + 1_000);

      expect(sids(found)).toEqual(sids([open, closed]));
      expect(found.find(({ sid }) => sid === open.sid)).toEqual(open);
      expect(await ring('x', NOW)).toEqual([]);
    });

    test('more than a page', async () => {
      const handshake = { ...somePolling().handshake, headers: { cookie: someSid().repeat(1_000) } };
      const big = () =>
        someWebSocket({ sid: someSid('Z'), handshake, outbox: [], partial: ['x'.repeat(20_000)] });
      const all = Array.from({ length: 80 }, big);
      await race(all.length, (n) => opened(subject, all[n] ?? big()));
      expect(sids(await ring('Z', NOW))).toEqual(sids(all));
    });
  });
}
