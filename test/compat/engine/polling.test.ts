import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { PollRequest } from '../../../compat/types.ts';
import type { EngineId } from '../../../lambdas/ports/socketio.ts';
import { createHarness, type Harness, OPTIONS, passing, RS } from './harness.ts';

let bridge: Harness;
let sid: EngineId;
beforeEach(async () => {
  vi.useFakeTimers();
  bridge = createHarness();
  sid = await bridge.handshake();
});
afterEach(() => vi.useRealTimers());

const poll = (request: Partial<PollRequest>) =>
  bridge.bridge.poll({ method: 'GET', query: {}, headers: {}, url: '/socket.io/', address: '', ...request });

describe('refusals are the stock server’s', () => {
  const unknown = 'A'.repeat(20);
  test.each([
    [{ query: {} }, 0, 'Transport unknown'],
    [{ query: { transport: 'tube', sid: unknown } }, 0, 'Transport unknown'],
    [{ query: { transport: 'polling', sid: unknown, EIO: '4' } }, 1, 'Session ID unknown'],
    [{ query: { transport: 'polling', sid: 'constructor', EIO: '4' } }, 1, 'Session ID unknown'],
    [{ method: 'POST', query: { transport: 'polling', EIO: '4' } }, 2, 'Bad handshake method'],
    [{ method: 'OPTIONS', query: { transport: 'polling', EIO: '4', sid: unknown } }, undefined, ''],
    [{ query: { transport: 'websocket', EIO: '4' } }, 3, 'Bad request'],
    [{ query: { transport: 'polling', EIO: '4' }, headers: { origin: '\u0000' } }, 3, 'Bad request'],
    [{ query: { transport: 'polling' } }, 5, 'Unsupported protocol version'],
    [{ query: { transport: 'polling', EIO: '3' } }, 5, 'Unsupported protocol version'],
  ])('%j: code %s', async (request, code, message) => {
    const response = await poll(request);

    if (code === undefined) expect(response.status).toBe(204);
    else {
      expect(response).toMatchObject({ status: 400, body: JSON.stringify({ code, message }) });
      expect(response.headers['Content-Type']).toBe('application/json');
    }
  });

  test('of a session: wrong transport, wrong protocol, other methods', async () => {
    const query = { transport: 'polling', EIO: '4', sid };
    expect((await poll({ query: { ...query, transport: 'websocket' } })).body).toContain('"code":3');
    expect((await poll({ query: { ...query, EIO: '3' } })).body).toContain('"code":3');
    expect(await poll({ method: 'PUT', query })).toMatchObject({ status: 500, body: '' });
    expect((await bridge.post(sid, '40')).body).toBe('ok');
  });

  test('carry CORS headers, as every answer does', async () => {
    const headers = { origin: 'https://app.example' };
    for (const response of [
      await poll({ headers }),
      await bridge.get('', { headers }),
      await bridge.post(sid, '40', { headers }),
      await bridge.post(sid, 'x'.repeat(1_000_001), { headers }),
    ])
      expect(response.headers['Access-Control-Allow-Origin']).toBe('https://app.example');
  });

  test('OPTIONS is another method where CORS is off', async () => {
    bridge = createHarness({ cors: { origins: [], credentials: false } });
    expect((await poll({ method: 'OPTIONS', query: { transport: 'polling', EIO: '4' } })).body).toContain(
      '"code":2',
    );
    expect((await bridge.get('', { headers: { origin: 'https://app.example' } })).headers).not.toHaveProperty(
      'Vary',
    );
  });
});

describe('a POST', () => {
  test('of garbage is answered ok; then the session is unknown', async () => {
    await bridge.post(sid, '40');
    expect((await bridge.post(sid, `42["served"]${RS}abc${RS}42["unread"]`)).body).toBe('ok');

    expect((await bridge.get(sid)).body).toContain('"code":1');
    expect((await bridge.post(sid, '42["x"]')).body).toContain('"code":1');
    expect(bridge.runtime.served.map(({ text }) => text)).toEqual(['0', '2["served"]']);
    expect(bridge.runtime.ended).toEqual([{ sid, reason: 'parse error' }]);
    expect(await bridge.stores.sockets.list({ nsp: '/' }, 0)).toEqual([]);
  });

  test('of another method on a session that is over finds no session', async () => {
    await bridge.sessions.end(sid, 'ping timeout');
    expect(await poll({ method: 'PUT', query: { transport: 'polling', EIO: '4', sid } })).toMatchObject({
      status: 400,
    });
  });

  test('of nothing ends the session, as an empty payload does', async () => {
    expect((await bridge.post(sid, '')).body).toBe('ok');
    expect((await bridge.get(sid)).status).toBe(400);
  });

  test('without a body is one of nothing', async () => {
    expect((await poll({ method: 'POST', query: { transport: 'polling', EIO: '4', sid } })).body).toBe('ok');
    expect((await bridge.get(sid)).status).toBe(400);
  });

  test('of bytes is refused and ends the session', async () => {
    const headers = { 'content-type': 'application/octet-stream' };
    expect(await bridge.post(sid, '40', { headers })).toMatchObject({ status: 400, body: '' });
    expect((await bridge.get(sid)).body).toContain('"code":1');
  });

  test('beyond maxPayload is refused and harms nothing', async () => {
    expect(await bridge.post(sid, `4${'x'.repeat(2_000_000)}`)).toMatchObject({ status: 413, body: '' });
    expect(await bridge.post(sid, 'é'.repeat(500_001))).toMatchObject({ status: 413 });
    expect((await bridge.post(sid, '40')).status).toBe(200);
  });

  test('with a ping ends the session: heartbeats come from the server', async () => {
    await bridge.post(sid, '2');
    expect(await bridge.stores.sessions.get(sid)).toMatchObject({ closed: { reason: 'transport error' } });
  });

  test('with a noop, as Swift sends one, changes nothing', async () => {
    bridge.calls.length = 0;
    await bridge.post(sid, '6');
    expect(bridge.calls).toEqual(['sessions.get']);
  });

  test('with a close packet ends the session, and the waiting GET with a noop', async () => {
    const waiting = bridge.get(sid);
    await vi.advanceTimersByTimeAsync(40);
    expect((await bridge.post(sid, '1')).body).toBe('ok');

    expect((await passing(waiting)).body).toBe('6');
    expect((await bridge.get(sid)).body).toContain('"code":1');
  });

  test('brings binary packets whole, in one body or in several', async () => {
    await bridge.post(sid, ['40', '451-["a",{"_placeholder":true,"num":0}]', 'bAQID'].join(RS));
    await bridge.post(sid, '451-["b",{"_placeholder":true,"num":0}]');
    await bridge.post(sid, 'bBAU=');

    const packets = (await bridge.get(sid)).body.split(RS);
    expect(packets.slice(1)).toEqual([
      '451-["a-back",{"_placeholder":true,"num":0}]',
      'bAQID',
      '451-["b-back",{"_placeholder":true,"num":0}]',
      'bBAU=',
    ]);
  });

  test('with an attachment out of nowhere ends the session', async () => {
    await bridge.post(sid, '40');
    await bridge.post(sid, `42["served"]${RS}bAQID`);
    expect(await bridge.stores.sessions.get(sid)).toMatchObject({ closed: { reason: 'parse error' } });
    expect(bridge.runtime.served).toHaveLength(2);
  });
});

describe('a GET', () => {
  test('is held for twenty seconds, then answers a noop, never nothing', async () => {
    const arrived = Date.now();
    const { status, body } = await passing(bridge.get(sid));

    expect({ status, body }).toEqual({ status: 200, body: '6' });
    expect(Date.now() - arrived).toBeGreaterThanOrEqual(20_000);
    expect(Date.now() - arrived).toBeLessThan(20_500);
    expect((await bridge.stores.sessions.get(sid))?.poll).toBeUndefined();
  });

  test('looks for packets at once, and again and again with longer waits', async () => {
    bridge.calls.length = 0;
    const waiting = bridge.get(sid);
    const looks: number[] = [];
    for (let ms = 0; ms <= 1_000; ms += 25) {
      looks.push(bridge.calls.filter((call) => call === 'sessions.get').length);
      await vi.advanceTimersByTimeAsync(25);
    }
    expect(looks.slice(0, 14)).toEqual([1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 5]);
    expect(bridge.calls.filter((call) => call === 'sessions.lease')).toHaveLength(1);
    await bridge.post(sid, '40');
    await passing(waiting);
  });

  test('that overlaps another is refused; the other gets a close packet and the session is over', async () => {
    const first = bridge.get(sid);
    await vi.advanceTimersByTimeAsync(5);
    const second = bridge.get(sid);

    expect(await passing(second)).toMatchObject({ status: 400, body: '' });
    const noticed = Date.now();
    expect((await passing(first)).body).toBe('1');
    expect(Date.now() - noticed).toBeLessThanOrEqual(100);
    expect((await bridge.get(sid)).body).toContain('"code":1');
    expect(bridge.runtime.ended).toEqual([{ sid, reason: 'transport error' }]);
  });

  test('that came first is told although the other one was faster', async () => {
    const at = Date.now();
    await vi.advanceTimersByTimeAsync(5);
    const second = bridge.get(sid);
    await vi.advanceTimersByTimeAsync(195);
    const first = bridge.get(sid, { at });

    expect(await passing(first)).toMatchObject({ status: 200, body: '1' });
    expect(await passing(second)).toMatchObject({ status: 400, body: '' });
    expect((await bridge.get(sid)).body).toContain('"code":1');
    expect(bridge.runtime.ended).toEqual([{ sid, reason: 'transport error' }]);
  });

  test('that comes while another has waited long is refused at once', async () => {
    const first = bridge.get(sid);
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await bridge.get(sid)).status).toBe(400);
    expect((await passing(first)).body).toBe('1');
  });

  test('is not blocked for good by one that died', async () => {
    await bridge.stores.sessions.lease(sid, { token: 'dead', until: Date.now() + 25_000 }, Date.now());
    await vi.advanceTimersByTimeAsync(25_000);
    await bridge.post(sid, '40');
    expect((await bridge.get(sid)).body).toContain('40{');
  });

  test('of two that see the same packet only one gets it', async () => {
    await bridge.post(sid, '40');
    const answers = await Promise.all([bridge.get(sid), bridge.get(sid)]);
    expect(answers.map(({ body }) => body).toSorted()).toEqual(['40{"sid":"socket-0"}', '6']);
  });

  test('that loses its packets to a poll with the lease overlaps it', async () => {
    await bridge.post(sid, '40');
    bridge.stores.sessions.drain = async () => 'lost';
    expect(await bridge.get(sid)).toMatchObject({ status: 400, body: '' });
  });

  test('that loses its packets to an upgrade is refused', async () => {
    await bridge.post(sid, '40');
    const client = await bridge.dial(sid);
    const { drain } = bridge.stores.sessions;
    bridge.stores.sessions.drain = async (...args) => {
      await bridge.send(client, '5');
      return drain(...args);
    };
    expect((await bridge.get(sid)).body).toContain('"code":3');
    expect(client.frames).toEqual(['40{"sid":"socket-0"}']);
  });

  test('that loses its session on the way is refused', async () => {
    await bridge.post(sid, '40');
    bridge.stores.sessions.drain = async () => {
      bridge.stores.sessions.get = async () => undefined;
      return 'lost';
    };
    expect((await bridge.get(sid)).body).toContain('"code":1');
  });

  test('whose session closes before it takes the lease hears of the close', async () => {
    const waiting = bridge.get(sid);
    await vi.advanceTimersByTimeAsync(30);
    bridge.stores.sessions.lease = async () => {
      await bridge.sessions.end(sid, 'forced close');
      return 'closed';
    };
    expect((await passing(waiting)).body).toBe('1');
  });
});

describe('a session that the application closes', () => {
  // Not in one answer: the client would hear of the close before its listeners get what came with it.
  test('gets everything that was sent, then the close packet in an answer of its own', async () => {
    await bridge.post(sid, ['40', '42["close"]'].join(RS));

    expect((await bridge.get(sid)).body).toBe(['40{"sid":"socket-0"}', '42["close-back"]'].join(RS));
    expect((await bridge.get(sid)).body).toBe('1');
    expect(bridge.runtime.ended).toEqual([]);
    expect(await bridge.stores.sockets.list({ nsp: '/' }, 0)).toEqual([]);
    expect((await bridge.get(sid)).body).toContain('"code":1');
  });

  test('says so even when its packets are held by a poll that died', async () => {
    await bridge.post(sid, ['40', '42["close"]'].join(RS));
    bridge.stores.sessions.drain = async () => 'lost';
    expect((await bridge.get(sid)).body).toBe('1');
  });

  test('in several answers when it is much', async () => {
    const many = Array.from({ length: 40 }, () => '42["e"]');
    await bridge.post(sid, ['40', ...many, '42["close"]'].join(RS));

    const answers: string[] = [];
    while (answers.at(-1) !== '1') answers.push(...(await bridge.get(sid)).body.split(RS));
    expect(answers).toHaveLength(1 + 40 + 1 + 1);
  });

  test('takes POSTs until then, and is unknown after thirty seconds', async () => {
    await bridge.post(sid, ['40', '42["close"]'].join(RS));
    expect((await bridge.post(sid, '42["late"]')).body).toBe('ok');
    expect(bridge.runtime.served).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await bridge.get(sid)).body).toContain('"code":1');
  });

  test('answers the GET that waits', async () => {
    await bridge.post(sid, '40');
    await bridge.get(sid);
    const waiting = bridge.get(sid);
    await vi.advanceTimersByTimeAsync(500);
    await bridge.post(sid, '42["close"]');
    expect((await passing(waiting)).body).toBe('42["close-back"]');
    expect((await bridge.get(sid)).body).toBe('1');
  });
});

test('nothing is ever answered with an error of ours', async () => {
  bridge.stores.sessions.get = () => Promise.reject(new Error('no store'));
  const response = await bridge.get(sid, { headers: { origin: 'https://app.example' } });

  expect(response).toMatchObject({ status: 503, body: '' });
  expect(response.headers['Access-Control-Allow-Origin']).toBe('https://app.example');
  expect(bridge.errors).toEqual(['a poll could not be served']);
});

test('options reach the OPEN packet', async () => {
  bridge = createHarness({
    heartbeat: { pingIntervalMs: 300, pingTimeoutMs: 200 },
    limits: { ...OPTIONS.limits, maxPayloadBytes: 10 },
  });
  expect((await bridge.get('')).body).toContain('"pingInterval":300,"pingTimeout":200,"maxPayload":10}');
});
