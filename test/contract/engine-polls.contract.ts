import { afterEach, describe, expect, test } from 'vitest';
import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import { NOW, race } from './data.ts';
import { opened } from './engine-sessions.contract.ts';
import { LATER, SECOND, type SocketIoSubject, somePolling, someSid, someWebSocket } from './socketio-data.ts';

const UNTIL = NOW + 30 * SECOND;
const poll = (token: string) => ({ token, until: UNTIL });

export function leaseContract(subject: () => SocketIoSubject): void {
  const sessions = () => subject().stores.sessions;

  describe('EngineSessionStore: lease', () => {
    test('one poll waits at a time', async () => {
      const { sid } = await opened(subject, somePolling());
      expect(await sessions().lease(sid, poll('a'), NOW)).toBe('leased');
      expect(await sessions().lease(sid, poll('b'), NOW)).toBe('busy');
      expect((await sessions().get(sid))?.poll).toEqual(poll('a'));
    });

    test('the same poll may extend its lease', async () => {
      const { sid } = await opened(subject, somePolling());
      await sessions().lease(sid, poll('a'), NOW);
      expect(await sessions().lease(sid, { token: 'a', until: UNTIL + 1 }, NOW)).toBe('leased');
      expect((await sessions().get(sid))?.poll?.until).toBe(UNTIL + 1);
    });

    test('a lease that has run out can be taken', async () => {
      const { sid } = await opened(subject, somePolling());
      await sessions().lease(sid, poll('a'), NOW);
      expect(await sessions().lease(sid, poll('b'), UNTIL - 1)).toBe('busy');
      expect(await sessions().lease(sid, poll('b'), UNTIL)).toBe('leased');
    });

    test('20 racing polls: one gets the lease', async () => {
      const { sid } = await opened(subject, somePolling());
      const outcomes = await race(20, (n) => sessions().lease(sid, poll(String(n)), NOW));
      expect(outcomes.filter((outcome) => outcome === 'leased')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'busy')).toHaveLength(19);
    });

    test('nobody polls a session that has moved to a WebSocket, or an unknown one', async () => {
      const { sid } = await opened(subject, someWebSocket());
      expect(await sessions().lease(sid, poll('a'), NOW)).toBe('closed');
      expect(await sessions().lease(someSid(), poll('a'), NOW)).toBe('closed');
    });
  });
}

export function drainContract(subject: () => SocketIoSubject): void {
  const sessions = () => subject().stores.sessions;
  afterEach(() => {
    subject().clock.at = NOW;
  });

  describe('EngineSessionStore: drain', () => {
    test('takes what waits, in order, frees the lease and notes the ping', async () => {
      const { sid } = await opened(subject, somePolling({ outbox: ['4a', '4b'] }));
      await sessions().lease(sid, poll('a'), NOW);
      expect(await sessions().drain(sid, { token: 'a', max: 16, pingedAt: NOW + 5 })).toEqual(['4a', '4b']);
      const after = await sessions().get(sid);
      expect(after).toMatchObject({ outbox: [], pingedAt: NOW + 5 });
      expect(after?.poll).toBeUndefined();
    });

    test('an empty outbox is no obstacle', async () => {
      const { sid } = await opened(subject, somePolling());
      expect(await sessions().drain(sid, { max: 16 })).toEqual([]);
      await sessions().lease(sid, poll('a'), NOW);
      expect(await sessions().drain(sid, { token: 'a', max: 16 })).toEqual([]);
      expect(await sessions().lease(sid, poll('b'), NOW)).toBe('leased');
    });

    test('what is above `max` stays, in order, before what comes later', async () => {
      const packets = Array.from({ length: 40 }, (_, n) => `4${n}`);
      const { sid } = await opened(subject, somePolling({ outbox: packets.slice(0, 35) }));
      expect(await sessions().drain(sid, { max: 16 })).toEqual(packets.slice(0, 16));
      await sessions().enqueue(sid, packets.slice(35));
      expect(await sessions().drain(sid, { max: 16 })).toEqual(packets.slice(16, 32));
      expect(await sessions().drain(sid, { max: 16 })).toEqual(packets.slice(32));
      expect(await sessions().drain(sid, { max: 16 })).toEqual([]);
    });

    test('takes nothing with a `max` of 0, but frees the lease', async () => {
      const { sid } = await opened(subject, somePolling({ outbox: ['4a'] }));
      await sessions().lease(sid, poll('a'), NOW);
      expect(await sessions().drain(sid, { token: 'a', max: 0 })).toEqual([]);
      expect(await sessions().get(sid)).toMatchObject({ outbox: ['4a'] });
      expect((await sessions().get(sid))?.poll).toBeUndefined();
    });

    test('is lost to whoever does not hold the lease', async () => {
      const { sid } = await opened(subject, somePolling({ outbox: ['4a'] }));
      expect(await sessions().drain(sid, { token: 'a', max: 16 })).toBe('lost');
      await sessions().lease(sid, poll('a'), NOW);
      expect(await sessions().drain(sid, { token: 'b', max: 16 })).toBe('lost');
      expect(await sessions().drain(sid, { max: 16 })).toBe('lost');
      expect((await sessions().get(sid))?.outbox).toEqual(['4a']);
    });

    test('a lease that has run out is no hindrance', async () => {
      const { sid } = await opened(subject, somePolling({ outbox: ['4a'] }));
      await sessions().lease(sid, poll('a'), NOW);
      subject().clock.at = UNTIL;
      expect(await sessions().drain(sid, { max: 16 })).toEqual(['4a']);
    });

    test('is lost once the session is gone or has moved', async () => {
      const { sid } = await opened(subject, someWebSocket());
      expect(await sessions().drain(sid, { max: 16 })).toBe('lost');
      expect(await sessions().drain(someSid(), { max: 16 })).toBe('lost');
    });

    test('the last packets of a closed session can still be taken', async () => {
      const { sid } = await opened(subject, somePolling({ outbox: ['41'] }));
      await sessions().close(sid, { reason: 'server namespace disconnect', at: NOW }, LATER);
      expect(await sessions().drain(sid, { max: 16 })).toEqual(['41']);
    });

    test('racing polls and appends: each packet is taken once, in order', async () => {
      const { sid } = await opened(subject, somePolling());
      const packets = Array.from({ length: 30 }, (_, n) => `4${String(n).padStart(2, '0')}`);
      const appending = async () => {
        for (const packet of packets) await sessions().enqueue(sid, [packet]);
      };
      const [, ...drained] = await Promise.all([
        appending(),
        ...Array.from({ length: 30 }, () => sessions().drain(sid, { max: 3 })),
      ]);
      const rest: (readonly string[])[] = [];
      for (let round = 0; round < 10; round += 1) {
        const taken = await sessions().drain(sid, { max: 4 });
        rest.push(taken === 'lost' ? [] : taken);
      }
      const all = [...drained.filter((taken) => taken !== 'lost'), ...rest].flat();
      expect(all.toSorted()).toEqual(packets);
      expect(rest.flat()).toEqual(rest.flat().toSorted());
    });

    test('the space of what was drained can be used again, that of what stayed cannot', async () => {
      const half = '4'.repeat(SOCKETIO_SESSION.outboxBytes / 2 - SOCKETIO_SESSION.packetBytes);
      const { sid } = await opened(subject, somePolling({ outbox: [half, half] }));
      expect(await sessions().enqueue(sid, ['4'])).toBe('full');
      expect(await sessions().drain(sid, { max: 1 })).toEqual([half]);
      expect(await sessions().enqueue(sid, [half])).toBe('queued');
      expect(await sessions().enqueue(sid, ['4'])).toBe('full');
    });
  });
}
