import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { BridgeOptions } from '../../../compat/types.ts';
import { createHarness, type Dialled, type Harness, passing, RS } from './harness.ts';

const MINUTE = 60_000;
const FAST = { heartbeat: { pingIntervalMs: 300, pingTimeoutMs: 200 } } satisfies Partial<BridgeOptions>;

let bridge: Harness;
beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(1_000 * 4 * MINUTE + 20_000);
});
afterEach(() => vi.useRealTimers());

const pings = (client: Dialled) => client.frames.filter((frame) => frame === '2').length;
/** The schedule: once a minute, for so many minutes. */
async function minutes(
  count: number,
  each: (minute: number) => Promise<void> = async () => {},
): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    await vi.advanceTimersByTimeAsync(MINUTE);
    await bridge.bridge.sweep(Date.now() + 25_000);
    await each(minute);
  }
}

describe('over polling', () => {
  beforeEach(() => {
    bridge = createHarness(FAST);
  });

  test('a waiting GET sends the ping when it is due, and the pong keeps the session', async () => {
    const sid = await bridge.handshake();
    for (let beat = 0; beat < 3; beat++) {
      const { body } = await passing(bridge.get(sid));
      expect(body).toBe('2');
      await bridge.post(sid, '3');
    }
    expect(await bridge.closed(sid)).toBeUndefined();
  });

  test('a ping travels with packets, and leaves room for itself', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, ['40', ...Array.from({ length: 20 }, () => '42["e"]')].join(RS));
    await vi.advanceTimersByTimeAsync(310);
    const packets = (await bridge.get(sid)).body.split(RS);
    expect(packets).toHaveLength(16);
    expect(packets.at(-1)).toBe('2');
    // Not a second one while the first is open.
    expect((await bridge.get(sid)).body).not.toContain('2\u001E2');
  });

  test('an unanswered ping ends the session', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    await bridge.get(sid);
    expect((await passing(bridge.get(sid))).body).toBe('2');
    expect((await passing(bridge.get(sid))).body).toBe('1');
    expect((await bridge.get(sid)).body).toContain('"code":1');
    expect(bridge.runtime.ended).toEqual([{ sid, reason: 'ping timeout' }]);
  });

  test('is told before it gives up by itself, an interval and a timeout after the ping', async () => {
    bridge = createHarness({ heartbeat: { pingIntervalMs: 1_000, pingTimeoutMs: 2_000 } });
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    await bridge.get(sid);
    expect((await passing(bridge.get(sid))).body).toBe('2');
    const pingedAt = Date.now();
    expect((await passing(bridge.get(sid))).body).toBe('1');
    // As long as a stock server waits, and a little for the way.
    expect(Date.now() - pingedAt).toBeGreaterThanOrEqual(2_000);
    expect(Date.now() - pingedAt).toBeLessThanOrEqual(2_510);
  });

  test('a session that nobody polled for interval and timeout is unknown to the next poll', async () => {
    const sid = await bridge.handshake();
    await vi.advanceTimersByTimeAsync(500);
    expect((await bridge.get(sid)).body).toContain('"code":1');
  });

  test('a client is not late because its function was', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const at = Date.now() + 490;
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await bridge.get(sid, { at })).body).toBe(`40{"sid":"socket-0"}${RS}2`);
  });

  test('an application that takes longer than the heartbeat costs nobody the session', async () => {
    const sid = await bridge.handshake();
    bridge.runtime.gate = new Promise((resolve) => {
      setTimeout(resolve, 3_000);
    });
    const posted = bridge.post(sid, `40${RS}42["slow"]`);
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await posted).body).toBe('ok');
    expect((await bridge.get(sid)).body).toContain('42["slow-back"]');
  });

  test('a POST that takes nearly as long, too: the next GET brings the ping', async () => {
    const sid = await bridge.handshake();
    bridge.runtime.gate = new Promise((resolve) => {
      setTimeout(resolve, 480);
    });
    const posted = bridge.post(sid, `40${RS}42["slow"]`);
    await vi.advanceTimersByTimeAsync(480);
    await posted;
    await vi.advanceTimersByTimeAsync(30);
    expect((await bridge.get(sid)).body.split(RS).at(-1)).toBe('2');
  });

  test('a POST that comes a little late shows that its client lives; one much later finds nothing', async () => {
    const [late, tooLate] = [await bridge.handshake(), await bridge.handshake()];
    await vi.advanceTimersByTimeAsync(1_999);
    expect((await bridge.post(late, '40')).body).toBe('ok');
    expect((await bridge.get(late)).body).toBe(`40{"sid":"socket-0"}${RS}2`);
    await vi.advanceTimersByTimeAsync(1);
    expect((await bridge.post(tooLate, '40')).body).toContain('"code":1');
    expect(await bridge.closed(tooLate)).toBe('ping timeout');
  });

  test('a session that never joins a namespace is closed', async () => {
    bridge = createHarness();
    const [polling, silent] = [await bridge.handshake(), await bridge.handshake()];
    const answers: string[] = [];
    while (answers.at(-1) !== '1') answers.push((await passing(bridge.get(polling))).body);
    expect(answers).toEqual(['6', '6', '1']);
    // As a POST between the close and the poll that fetches it.
    expect((await bridge.post(silent, '40')).body).toBe('ok');
    expect((await bridge.get(silent)).body).toBe('1');
    expect(bridge.runtime.served).toEqual([]);
  });

  test('a session ends after two hours, as a connection would, so that its client recovers', async () => {
    bridge = createHarness();
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    await bridge.stores.sessions.pong(sid, Date.now() + 120 * MINUTE - 1_000);
    await vi.advanceTimersByTimeAsync(120 * MINUTE);
    expect((await bridge.get(sid)).body).toBe(`40{"sid":"socket-0"}${RS}1`);
    expect(await bridge.closed(sid)).toBe('transport close');
  });

  test('the sweep ends whom nobody polls', async () => {
    bridge = createHarness();
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    await minutes(4);
    expect(await bridge.closed(sid)).toBeUndefined();
    await minutes(4);
    expect(await bridge.closed(sid)).toBe('ping timeout');
  });
});

describe('over WebSockets, in whole minutes', () => {
  beforeEach(() => {
    bridge = createHarness();
  });

  test('without clients a sweep is one query', async () => {
    bridge.calls.length = 0;
    await minutes(10);
    expect(bridge.calls).toEqual(Array.from({ length: 10 }, () => 'sessions.ring'));
  });

  test('everybody is pinged once an interval, whenever they came', async () => {
    const clients: Dialled[] = [];
    const heard = new Map<Dialled, number>();
    const arrive = async () => {
      const client = await bridge.dial();
      await bridge.send(client, '40');
      clients.push(client);
      heard.set(client, Date.now());
    };
    const answer = async () => {
      for (const client of clients) {
        if (!client.frames.includes('2')) continue;
        client.frames.length = 0;
        heard.set(client, Date.now());
        await bridge.send(client, '3');
      }
      // What a client takes for a dead server: interval and timeout without a ping.
      for (const at of heard.values()) expect(Date.now() - at).toBeLessThan(300_000);
    };
    for (let second = 0; second < 20 * 60; second += 6) {
      if (second < 240) await arrive();
      await vi.advanceTimersByTimeAsync(6_000);
      if (second % 60 === 0) await bridge.bridge.sweep(0);
      await answer();
    }
    expect(clients.every(({ connection }) => connection.open)).toBe(true);
    await bridge.bridge.sweep(0);
    await answer();
    bridge.calls.length = 0;
    await minutes(4, answer);
    expect(bridge.calls.filter((call) => call === 'post')).toHaveLength(clients.length);
  });

  test('who does not answer is ended when the timeout is over', async () => {
    const [dead, alive] = [await bridge.dial(), await bridge.dial()];
    for (const client of [dead, alive]) await bridge.send(client, '40');
    await minutes(4);
    expect([pings(dead), pings(alive)]).toEqual([1, 1]);
    await bridge.send(alive, '3');
    expect(await bridge.closed(dead.sid)).toBeUndefined();
    await minutes(1);

    expect(await bridge.closed(dead.sid)).toBe('ping timeout');
    expect(dead.connection.open).toBe(false);
    expect(await bridge.closed(alive.sid)).toBeUndefined();
    expect(bridge.runtime.ended).toEqual([{ sid: dead.sid, reason: 'ping timeout' }]);
  });

  test('an instance that did not send the ping infers it', async () => {
    const [dead, alive] = [await bridge.dial(), await bridge.dial()];
    for (const client of [dead, alive]) await bridge.send(client, '40');
    await minutes(4);
    await bridge.send(alive, '3');
    bridge = createHarness({}, { world: bridge });
    await minutes(4);

    expect(await bridge.closed(dead.sid)).toBe('ping timeout');
    expect(await bridge.closed(alive.sid)).toBeUndefined();
  });

  test('a sweep that was left out is made up for, one that comes twice does nothing', async () => {
    const client = await bridge.dial();
    await bridge.send(client, '40');
    await minutes(1);
    await vi.advanceTimersByTimeAsync(3 * MINUTE);
    await minutes(1);
    expect(pings(client)).toBe(1);
    bridge.calls.length = 0;
    await bridge.bridge.sweep(0);
    expect(bridge.calls).toEqual([]);
  });

  test('a connection found gone is ended; one whose handshake may not be over is not', async () => {
    vi.setSystemTime(1_000 * 4 * MINUTE + 100);
    const [gone, young] = [await bridge.dial(), await bridge.dial()];
    await bridge.send(gone, '40');
    gone.connection.open = false;
    young.connection.open = false;
    await bridge.bridge.sweep(0);
    expect([await bridge.closed(gone.sid), await bridge.closed(young.sid)]).toEqual([undefined, undefined]);
    await minutes(4);
    expect(await bridge.closed(gone.sid)).toBe('transport close');
    expect(await bridge.closed(young.sid)).toBe('forced server close');
  });

  test('a client that polled for long is pinged when it upgrades', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    await bridge.get(sid);
    await vi.advanceTimersByTimeAsync(100_000);
    const client = await bridge.dial(sid);
    await bridge.send(client, '5');
    expect(client.frames).toEqual(['2']);
  });

  test('a stale read ends nobody: the session is read again first', async () => {
    const client = await bridge.dial();
    await bridge.send(client, '40');
    await minutes(4);
    const { ring } = bridge.stores.sessions;
    const stale = await bridge.stores.sessions.get(client.sid);
    await bridge.send(client, '3');
    bridge.stores.sessions.ring = async function* () {
      if (stale !== undefined) yield [stale];
    };
    await minutes(1);
    expect(client.connection.open).toBe(true);
    expect(bridge.calls).toContain('sessions.get');
    bridge.stores.sessions.ring = ring;
  });

  test('what happens to one session concerns no other', async () => {
    const [broken, fine] = [await bridge.dial(), await bridge.dial()];
    for (const client of [broken, fine]) await bridge.send(client, '40');
    Object.defineProperty(broken.connection, 'open', {
      get: () => {
        throw new Error('API Gateway is unwell');
      },
    });
    await minutes(4);
    expect(pings(fine)).toBe(1);
  });

  test('a ping that is throttled counts as sent', async () => {
    const client = await bridge.dial();
    await bridge.send(client, '40');
    bridge = createHarness(
      {},
      { world: bridge, gateway: { post: async () => 'throttled', close: async () => {} } },
    );
    await minutes(4);
    expect(await bridge.closed(client.sid)).toBeUndefined();
    await minutes(1);
    expect(await bridge.closed(client.sid)).toBe('ping timeout');
  });

  test('a ring that cannot be read is read in the next minute', async () => {
    const client = await bridge.dial();
    await bridge.send(client, '40');
    await minutes(3);
    const { ring } = bridge.stores.sessions;
    // oxlint-disable-next-line require-yield -- it fails before
    bridge.stores.sessions.ring = async function* () {
      throw new Error('no store');
    };
    await expect(minutes(1)).rejects.toThrow('no store');
    bridge.stores.sessions.ring = ring;
    await minutes(1);
    expect(pings(client)).toBe(1);
  });
});

describe('before API Gateway cuts them', () => {
  test('connections are closed with a pong, each at a time of its own, and their clients may recover', async () => {
    bridge = createHarness();
    const born = Date.now();
    const clients: Dialled[] = [];
    for (let n = 0; n < 40; n++) {
      clients.push(await bridge.dial());
      await bridge.send(clients[n]!, '40');
    }
    const closedAt = new Map<Dialled, number>();
    await minutes(121, async () => {
      for (const client of clients) {
        if (!client.connection.open || !client.frames.includes('2')) continue;
        client.frames.length = 0;
        await bridge.send(client, '3');
        if (client.connection.open) continue;
        closedAt.set(client, (Date.now() - born) / MINUTE);
        expect(await bridge.closed(client.sid)).toBe('transport close');
      }
    });
    expect(closedAt.size).toBe(clients.length);
    expect(Math.min(...closedAt.values())).toBeGreaterThan(98);
    expect(Math.max(...closedAt.values())).toBeLessThan(119);
    // The looks of one ring within a quarter of an hour.
    expect(new Set(closedAt.values()).size).toBeGreaterThanOrEqual(3);
  });

  test('they are pinged in turn, and nobody else waits', async () => {
    const turns: (() => void)[] = [];
    bridge = createHarness({}, { inTurn: () => new Promise((resolve) => void turns.push(resolve)) });
    const [old, young] = [await bridge.dial(), await bridge.dial()];
    for (const client of [old, young]) await bridge.send(client, '40');
    await minutes(3);
    const openedAt = Date.now() - 2 * 60 * MINUTE;
    const session = (await bridge.stores.sessions.get(old.sid))!;
    await bridge.stores.sessions.open({ ...session, openedAt, seenAt: Date.now() }, Date.now() + 5 * MINUTE);
    const sweeping = minutes(1);
    await vi.advanceTimersByTimeAsync(MINUTE + 5_000);
    expect([pings(old), pings(young)]).toEqual([0, 1]);
    expect(turns).toHaveLength(1);
    for (const go of turns) go();
    await sweeping;
    expect(pings(old)).toBe(1);
  });
});

test('a pong is one write, and no read', async () => {
  bridge = createHarness();
  const client = await bridge.dial();
  bridge.calls.length = 0;
  await bridge.send(client, '3');
  expect(bridge.calls).toEqual(['sessions.pong']);
});
