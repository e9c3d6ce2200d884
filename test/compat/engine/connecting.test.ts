import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { createHarness, type Harness, passing, RS } from './harness.ts';

let bridge: Harness;
beforeEach(() => {
  vi.useFakeTimers();
  bridge = createHarness();
});
afterEach(() => vi.useRealTimers());

describe('polling', () => {
  test('opens with the stock server’s OPEN packet, key for key', async () => {
    const response = await bridge.get('');

    expect(response.status).toBe(200);
    expect(response.headers).toMatchObject({
      'Content-Type': 'text/plain; charset=UTF-8',
      'Cache-Control': 'no-store',
    });
    expect(response.body).toMatch(
      /^0\{"sid":"[\w-]{24}","upgrades":\["websocket"\],"pingInterval":240000,"pingTimeout":60000,"maxPayload":1000000\}$/,
    );
    expect(bridge.calls).toEqual(['sessions.open']);
  });

  test('keeps the first request as the handshake, without what AWS put in', async () => {
    const headers = { 'user-agent': 'x', cookie: 'a=1', via: '2.0 cf', 'x-amzn-trace-id': 'Root=1' };
    const { body } = await bridge.get('', { headers, query: { token: 't', b64: '1' } });
    const session = await bridge.stores.sessions.get(JSON.parse(body.slice(1)).sid);

    expect(session?.handshake).toMatchObject({
      headers: { 'user-agent': 'x', cookie: 'a=1' },
      address: '192.0.2.1',
      secure: true,
    });
    expect(session?.handshake.headers).not.toHaveProperty('via');
    expect(session?.base64).toBe(true);
  });

  test('answers a POST with ok and a GET with what it caused', async () => {
    const sid = await bridge.handshake();

    const posted = await bridge.post(sid, '40{"token":"t"}');
    expect(posted).toMatchObject({ status: 200, body: 'ok', headers: { 'Content-Type': 'text/html' } });
    expect((await bridge.get(sid)).body).toBe('40{"sid":"socket-0"}');
  });

  test('handles the packets of one body in order, in one run', async () => {
    const sid = await bridge.handshake();
    bridge.calls.length = 0;

    await bridge.post(sid, ['40', '42["a"]', '421["b",2]'].join(RS));
    expect(bridge.calls).toEqual(['sessions.get', 'sessions.commit']);
    expect((await bridge.get(sid)).body).toBe(
      ['40{"sid":"socket-0"}', '42["a-back"]', '42["b-back",2]', '431[2]'].join(RS),
    );
  });

  test('a GET that comes first waits for what a POST causes', async () => {
    const sid = await bridge.handshake();
    const waiting = bridge.get(sid);
    await vi.advanceTimersByTimeAsync(60);
    await bridge.post(sid, '40');

    expect((await passing(waiting)).body).toBe('40{"sid":"socket-0"}');
  });

  test('a GET never answers more than sixteen packets', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, ['40', ...Array.from({ length: 20 }, (_, n) => `42["e",${n}]`)].join(RS));

    const first = (await bridge.get(sid)).body.split(RS);
    const second = (await bridge.get(sid)).body.split(RS);
    expect(first).toHaveLength(16);
    expect([...first, ...second].slice(1)).toEqual(Array.from({ length: 20 }, (_, n) => `42["e-back",${n}]`));
  });
});

describe('websocket only', () => {
  test('opens with one write and one invoke, and no upgrades', async () => {
    const client = await bridge.dial();

    expect(bridge.calls).toEqual(['sessions.open', 'invoke']);
    expect(client.frames).toEqual([
      `0{"sid":"${client.sid}","upgrades":[],"pingInterval":240000,"pingTimeout":60000,"maxPayload":1000000}`,
    ]);
  });

  test('the reply to CONNECT rides the route response; a warm instance reads nothing for it', async () => {
    const client = await bridge.dial();
    bridge.calls.length = 0;
    await bridge.send(client, '40');

    expect(client.frames.at(-1)).toBe('40{"sid":"socket-0"}');
    expect(bridge.calls).toEqual(['sessions.commit']);
  });

  test('another instance serves the connection from the store', async () => {
    const client = await bridge.dial();
    const other = createHarness({}, { world: bridge });
    await other.send(client, '40');
    await other.send(client, '421["hello",true]');

    expect(client.frames.slice(1)).toEqual(['40{"sid":"socket-0"}', '42["hello-back",true]', '431[true]']);
    expect(other.calls.filter((call) => call === 'post')).toHaveLength(1);
  });
});

describe('upgrade', () => {
  test('a poll is released, packets go over polling until 5 and over the connection from then on', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    await bridge.get(sid);
    const client = await bridge.dial(sid);
    bridge.calls.length = 0;
    await bridge.send(client, '2probe');
    expect(client.frames).toEqual(['3probe']);
    expect(bridge.calls).toEqual([]);

    const waiting = bridge.get(sid);
    const arrived = Date.now();
    expect((await passing(waiting)).body).toBe('6');
    expect(Date.now() - arrived).toBeGreaterThanOrEqual(100);

    await bridge.post(sid, ['42["one"]', '42["two"]'].join(RS));
    expect(client.frames).toEqual(['3probe']);
    await bridge.send(client, '5');
    expect(client.frames).toEqual(['3probe', '42["one-back"]', '42["two-back"]']);

    await bridge.send(client, '421["three"]');
    expect(client.frames.slice(-2)).toEqual(['42["three-back"]', '431[]']);
    expect(await bridge.get(sid)).toMatchObject({ status: 400, body: '{"code":3,"message":"Bad request"}' });
    expect(await bridge.stores.sockets.find('/', 'socket-0', 0)).toMatchObject({
      connectionId: client.connectionId,
    });
  });

  test('what waited for a poll is posted before others can find the connection', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const client = await bridge.dial(sid);
    await bridge.send(client, '2probe');
    await bridge.post(sid, '42["one"]');
    bridge.calls.length = 0;
    await bridge.send(client, '5');
    expect(bridge.calls).toEqual(['sessions.upgrade', 'post', 'post', 'sockets.add']);
  });

  test('to a connection that is gone ends the session, and nobody finds it', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const client = await bridge.dial(sid);
    await bridge.send(client, '2probe');
    client.connection.open = false;
    await bridge.send(client, '5');
    expect((await bridge.stores.sessions.get(sid))?.closed?.reason).toBe('transport close');
    expect(await bridge.stores.sockets.list({ nsp: '/' }, 0)).toEqual([]);
  });

  test('a message that overtakes 5 implies it, and what waited comes first', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const client = await bridge.dial(sid);
    await bridge.send(client, '2probe');
    await bridge.send(client, '42["early bird"]');
    await bridge.send(client, '5');

    expect(client.frames).toEqual(['3probe', '40{"sid":"socket-0"}', '42["early bird-back"]']);
    expect(client.connection.open).toBe(true);
  });

  test('a poll beside the upgrade packet is refused as one after it', async () => {
    const sid = await bridge.handshake();
    const waiting = bridge.get(sid);
    await vi.advanceTimersByTimeAsync(10);
    const client = await bridge.dial(sid);
    await bridge.send(client, '5');

    expect((await passing(waiting)).body).toContain('"code":3');
  });

  test('a probe that fails leaves polling intact', async () => {
    const sid = await bridge.handshake();
    const client = await bridge.dial(sid);
    await bridge.bridge.disconnected(client);
    await bridge.send(client, 'garbage');

    expect(client.connection.open).toBe(false);
    expect((await bridge.post(sid, '40')).body).toBe('ok');
    expect((await bridge.get(sid)).body).toBe('40{"sid":"socket-0"}');
    await vi.advanceTimersByTimeAsync(10_000);
    bridge.calls.length = 0;
    await bridge.post(sid, '42["later"]');
    expect((await bridge.get(sid)).body).toBe('42["later-back"]');
  });

  test.each([
    ['unknown sid', 'A'.repeat(20)],
    ['malformed sid', 'x'],
    ['dangerous sid', '__proto__'],
  ])('a WebSocket with an %s is refused', async (_name, sid) => {
    await expect(bridge.dial(sid)).rejects.toThrow('Session ID unknown');
  });

  test('a second WebSocket of an upgraded session, and one of a closed session, are refused', async () => {
    const sid = await bridge.handshake();
    const client = await bridge.dial(sid);
    await bridge.send(client, '5');
    await expect(bridge.dial(sid)).rejects.toThrow('Bad request');
    await bridge.sessions.end(sid, 'transport close');
    await expect(bridge.dial(sid)).rejects.toThrow('Session ID unknown');
  });
});
