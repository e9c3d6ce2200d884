import { afterEach, describe, expect, test } from 'vitest';
import type { EngineId, EngineSession } from '../../lambdas/ports/socketio.ts';
import { HOLD } from '../../lambdas/manifest/limits.ts';
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

    test.each(['open', 'closed'])(
      'a socket of an %s session can be disowned: nobody claims it any more',
      async (state) => {
        const [socket, other] = [someSocket({ rooms: ['a'] }), someSocket()];
        const { pid: _pid, ...disowned } = socket;
        const session = await opened(subject, someWebSocket({ sockets: { '/': socket, '/b': other } }));
        if (state === 'closed')
          await sessions().close(session.sid, { reason: 'ping timeout', at: NOW }, LATER);

        expect(await sessions().disown(session.sid, '/')).toBe(true);
        expect(await sessions().disown(session.sid, '/')).toBe(true);

        expect(await sessions().claim(session.sid, '/', socket.pid ?? '')).toBeUndefined();
        expect((await sessions().get(session.sid))?.sockets).toEqual({ '/': disowned, '/b': other });
      },
    );

    test('a socket that is not there is not disowned, nor is one that has been claimed', async () => {
      const socket = someSocket();
      const { sid } = await opened(subject, someWebSocket({ sockets: { '/': socket } }));
      expect(await sessions().disown(sid, '/b')).toBe(false);
      expect(await sessions().disown(someSid(), '/')).toBe(false);
      await sessions().claim(sid, '/', socket.pid ?? '');
      expect(await sessions().disown(sid, '/')).toBe(false);
      subject().clock.at = LATER + 60_000;
      expect(await sessions().disown(sid, '/')).toBe(false);
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

export function holdContract(subject: () => SocketIoSubject): void {
  const sessions = () => subject().stores.sessions;
  afterEach(() => {
    subject().clock.at = NOW;
  });

  describe('EngineSessionStore: hold', () => {
    test('defers until a release finds nothing, in order', async () => {
      const { sid } = await opened(subject, someWebSocket());
      expect(await sessions().defer(sid, LATER, ['4a'])).toBe('free');
      await sessions().hold(sid, LATER);
      expect((await sessions().get(sid))?.heldUntil).toBe(LATER);
      expect(await sessions().defer(sid, LATER, ['4a', '4b'])).toBe('deferred');
      expect(await sessions().defer(sid, LATER, ['4c'])).toBe('deferred');
      expect(await sessions().release(sid, LATER)).toEqual(['4a', '4b', '4c']);
      expect(await sessions().defer(sid, LATER, ['4d'])).toBe('deferred');
      expect(await sessions().release(sid, LATER)).toEqual(['4d']);
      expect(await sessions().release(sid, LATER)).toBe('free');
      expect(await sessions().defer(sid, LATER, ['4e'])).toBe('free');
      expect(await sessions().get(sid)).not.toHaveProperty('heldUntil');
    });

    test('concerns no other hold of the session', async () => {
      const { sid } = await opened(subject, someWebSocket());
      await sessions().hold(sid, LATER);
      await sessions().hold(sid, LATER + 1);
      expect((await sessions().get(sid))?.heldUntil).toBe(LATER + 1);
      await sessions().defer(sid, LATER + 1, ['4b']);
      expect(await sessions().release(sid, LATER)).toBe('free');
      expect(await sessions().defer(sid, LATER, ['4a'])).toBe('free');
      expect(await sessions().release(sid, LATER + 1)).toEqual(['4b']);
    });

    test('of 20 racing packets and releases each is deferred or sent, and taken once', async () => {
      const { sid } = await opened(subject, someWebSocket());
      await sessions().hold(sid, LATER);
      const taken: string[] = [];
      const take = async () => {
        for (;;) {
          const packets = await sessions().release(sid, LATER);
          if (packets === 'free') return;
          taken.push(...packets);
        }
      };
      const told = Array.from({ length: 20 }, (_, n) => `4${n}`);
      const [outcomes] = await Promise.all([
        race(told.length, (n) => sessions().defer(sid, LATER, [told[n] ?? ''])),
        take(),
      ]);
      await take();
      expect(sorted(taken)).toEqual(sorted(told.filter((_, n) => outcomes[n] === 'deferred')));
    });

    test('keeps no more than so many packets, and nothing for a session that is closed or unknown', async () => {
      const { sid } = await opened(subject, someWebSocket());
      await sessions().hold(sid, LATER);
      const most = Array.from({ length: HOLD.packets }, () => '4');
      expect(await sessions().defer(sid, LATER, most)).toBe('deferred');
      expect(await sessions().defer(sid, LATER, ['4x'])).toBe('free');
      await sessions().close(sid, { reason: 'transport close', at: NOW }, LATER);
      expect(await sessions().release(sid, LATER)).toBe('free');
      expect(await sessions().defer(someSid(), LATER, ['4x'])).toBe('free');
      expect(await sessions().release(someSid(), LATER)).toBe('free');
    });

    test('when it is over, defers for ever what had been told by then, and nothing else', async () => {
      const { sid } = await opened(subject, someWebSocket());
      const [told, other] = ['0loyw56wg-0001af4ZjQ', '0loyw56wg-0002af4ZjQ'];
      const saying = (offset: string) => [`42["said","${offset}"]`, `42["told","${offset}"]`];
      await sessions().hold(sid, LATER);
      await sessions().hold(sid, LATER + 1);
      await sessions().defer(sid, LATER, saying(other));
      expect(await sessions().release(sid, LATER, [told, 'x'])).toEqual(saying(other));
      expect(await sessions().release(sid, LATER, [told, 'x'])).toBe('free');
      expect(await sessions().defer(sid, LATER, saying(told))).toBe('deferred');
      for (const packets of [saying(other), ['42["typing"]'], ['42["x"]'], []])
        expect(await sessions().defer(sid, LATER, packets)).toBe('free');
      // A release whose answer was lost is repeated: what was told stays told.
      expect(await sessions().release(sid, LATER, [told, 'x'])).toBe('free');
      expect(await sessions().release(sid, LATER + 1)).toBe('free');
      expect(await sessions().defer(sid, LATER + 1, saying(told))).toBe('free');
    });

    test('keeps for nobody what is told to a session that ended before it', async () => {
      const { sid } = await opened(subject, someWebSocket());
      await sessions().hold(sid, LATER);
      await sessions().close(sid, { reason: 'transport close', at: NOW }, LATER);
      expect(await sessions().defer(sid, LATER, ['4a'])).toBe('deferred');
      expect(await sessions().release(sid, LATER)).toBe('free');
      expect(await sessions().defer(sid, LATER, ['4b'])).toBe('deferred');
      subject().clock.at = LATER;
      expect(await sessions().defer(sid, LATER, ['4c'])).toBe('free');
    });

    test('what a client had got besides comes back with its socket', async () => {
      const socket = someSocket({ seen: ['a', 'b'] });
      const { sid } = await opened(subject, someWebSocket());
      await sessions().commit(sid, { sockets: { '/': { connect: socket } } });
      expect((await sessions().get(sid))?.sockets['/']).toEqual(socket);
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
