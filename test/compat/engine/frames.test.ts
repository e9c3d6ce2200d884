import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { CausewayError } from '../../../lambdas/domain/errors.ts';
import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import type { EngineId } from '../../../lambdas/ports/socketio.ts';
import { createHarness, type Harness, RS } from './harness.ts';

let bridge: Harness;
beforeEach(() => {
  vi.useFakeTimers();
  bridge = createHarness();
});
afterEach(() => vi.useRealTimers());

describe('a frame', () => {
  test('costs one read when it changes nothing, and its reply no post', async () => {
    const client = await bridge.join();
    await bridge.send(client, '42["a"]');
    expect(client.frames).toEqual(['42["a-back"]']);
    expect(bridge.calls).toEqual(['sessions.get']);
  });

  test('that changes the session costs one write more', async () => {
    const client = await bridge.join();
    await bridge.send(client, '42["join","red"]');
    expect(bridge.calls).toEqual(['sessions.get', 'sessions.commit']);
    expect(await bridge.stores.sessions.get(client.sid)).toMatchObject({
      sockets: { '/': { rooms: ['red'] } },
    });
  });

  test.each([
    ['1', 'transport close'],
    ['2', 'transport error'],
    ['abc', 'parse error'],
    ['', 'parse error'],
    ['{"message": "Internal server error"}', 'parse error'],
  ])('%j ends the session: %s', async (body, reason) => {
    const client = await bridge.join();
    await bridge.send(client, body);
    expect(await bridge.closed(client.sid)).toBe(reason);
    expect(client.connection.open).toBe(false);
    expect(client.frames).toEqual([]);
  });

  test.each(['6', '0', '0{}'])('%j is ignored', async (body) => {
    const client = await bridge.join();
    await bridge.send(client, body);
    expect(bridge.calls).toEqual([]);
  });

  test.each(['40', '42["x"]', 'bAQID', '5', 'garbage', '2', '1'])(
    '%j of a connection that is not its session’s closes that connection only',
    async (body) => {
      const client = await bridge.join();
      const stranger = { ...client, connectionId: 'stranger' as ConnectionId };
      const connection = { frames: [], open: true };
      bridge.connections.set(stranger.connectionId, connection);
      await bridge.send(stranger, body);
      expect(connection).toEqual({ frames: [], open: false });
      expect(await bridge.closed(client.sid)).toBeUndefined();
    },
  );

  test.each(['42["x"]', 'bAQID', '5', 'garbage'])(
    '%j of a session that is over closes the connection',
    async (body) => {
      const client = await bridge.join();
      await bridge.stores.sessions.close(client.sid, { reason: 'ping timeout', at: 0 }, Infinity);
      await bridge.send(client, body);
      expect(client.connection.open).toBe(false);
      expect(bridge.runtime.served).toHaveLength(1);
    },
  );

  test('of an unknown session closes the connection', async () => {
    const client = await bridge.join();
    await bridge.send({ ...client, sid: 'A'.repeat(20) as EngineId }, '42["x"]');
    expect(client.connection.open).toBe(false);
  });
});

describe('what the application sends', () => {
  test('leaves in order, the last of it on the route response, after the state is stored', async () => {
    const client = await bridge.join();
    await bridge.send(client, '427["join","red"]');
    expect(client.frames).toEqual(['42["join-back","red"]', '437["red"]']);
    expect(bridge.calls).toEqual(['sessions.get', 'sessions.commit', 'post']);
  });

  test('leaves earlier when the application asks for it', async () => {
    const client = await bridge.join();
    await bridge.send(client, '427["early"]');
    expect(bridge.calls).toEqual(['sessions.get', 'post']);
    expect(client.frames).toEqual(['42["early-back"]', '437[]']);
  });

  test('waits for its poll, even when it leaves earlier', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    await bridge.get(sid);
    await bridge.post(sid, '427["early"]');
    expect((await bridge.get(sid)).body).toBe(['42["early-back"]', '437[]'].join(RS));
  });

  test('is all posted before the application closes the connection', async () => {
    const client = await bridge.join();
    const order: string[] = [];
    bridge = createHarness(
      {},
      {
        world: bridge,
        gateway: {
          post: async (_to, frame) => {
            order.push(frame);
            return 'sent';
          },
          close: async () => void order.push('closed'),
        },
      },
    );
    await bridge.send(client, '42["close"]');
    expect(order).toEqual(['42["close-back"]', 'closed']);
    expect(await bridge.closed(client.sid)).toBe('forced close');
    expect(bridge.runtime.ended).toEqual([]);
  });

  test('to a connection that is gone ends the session', async () => {
    const client = await bridge.join();
    client.connection.open = false;
    await bridge.send(client, '427["a"]');
    expect(await bridge.closed(client.sid)).toBe('transport close');
  });

  test('is left out when API Gateway would not take it', async () => {
    const client = await bridge.join();
    bridge = createHarness(
      {},
      { world: bridge, gateway: { post: async () => 'too-large', close: async () => {} } },
    );
    await bridge.send(client, '427["a"]');
    expect(bridge.errors).toEqual(['a packet is too large for API Gateway']);
    expect(client.frames).toEqual(['437[]']);
  });

  test('during an upgrade follows the session to its connection', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    await bridge.get(sid);
    const client = await bridge.dial(sid);
    let open = () => {};
    bridge.runtime.gate = new Promise((resolve) => {
      open = resolve;
    });
    const [commits, enqueues] = [
      bridge.post(sid, '42["slow"]'),
      bridge.post(sid, ['42["slow"]', '42["early"]'].join(RS)),
    ];
    await bridge.send(client, '5');
    open();
    await Promise.all([commits, enqueues]);
    expect(client.frames.toSorted()).toEqual(['42["early-back"]', '42["slow-back"]', '42["slow-back"]']);
  });
});

describe('what cannot be stored', () => {
  test('two CONNECTs to one namespace at once: one socket, and the connection ends as with the stock server', async () => {
    const client = await bridge.dial();
    const other = createHarness({}, { world: bridge });
    const { commit } = bridge.stores.sessions;
    const arrivals: (() => void)[] = [];
    bridge.stores.sessions.commit = async (...args) => {
      await new Promise<void>((resolve) => {
        arrivals.push(resolve);
        if (arrivals.length === 2) for (const go of arrivals) go();
      });
      return commit(...args);
    };
    await Promise.all([bridge.send(client, '40'), other.send(client, '40')]);

    expect(client.connection.open).toBe(false);
    expect(await bridge.closed(client.sid)).toBe('forced close');
    expect(await bridge.stores.sockets.list({ nsp: '/' }, 0)).toEqual([]);
  });

  test('a session that ended during the run leaves nobody in the index', async () => {
    const client = await bridge.join();
    let open = () => {};
    bridge.runtime.gate = new Promise((resolve) => {
      open = resolve;
    });
    const { commit } = bridge.stores.sessions;
    bridge.stores.sessions.commit = async (...args) => {
      await bridge.bridge.disconnected(client);
      return commit(...args);
    };
    await bridge.send(client, '42["join","red"]');
    open();
    expect(await bridge.stores.sockets.list({ nsp: '/', room: 'red' }, 0)).toEqual([]);
    expect(await bridge.stores.sockets.list({ nsp: '/' }, 0)).toEqual([]);
    expect(client.frames).toEqual([]);
  });

  test.each(['commit', 'enqueue'] as const)(
    'an outbox that is full at %s ends the session',
    async (where) => {
      const sid = await bridge.handshake();
      await bridge.post(sid, '40');
      const big = 'x'.repeat(300_000);
      await bridge.post(sid, `42["${where === 'commit' ? 'a' : 'early'}","${big}"]`);
      expect(await bridge.closed(sid)).toBe(where === 'commit' ? 'forced close' : 'transport error');
    },
  );

  test('a socket that was never in a namespace is not taken out of one', async () => {
    const client = await bridge.join();
    bridge.runtime.run = async () => ({
      changes: { joined: [{ nsp: '/none', room: 'x' }], sockets: { '/': { data: '1' } } },
    });
    bridge.stores.sessions.commit = async () => ({ outcome: 'full' });
    bridge.calls.length = 0;
    await bridge.send(client, '42["a"]');
    expect(bridge.calls.filter((call) => call === 'sockets.remove')).toHaveLength(1);
  });

  test('an application or a store that fails cuts the connection: its client comes again', async () => {
    const client = await bridge.join();
    await bridge.send(client, '42["fail"]');
    expect(client.connection.open).toBe(false);
    expect(bridge.errors).toEqual(['a frame could not be served']);

    const failing = { post: async () => 'sent' as const, close: () => Promise.reject(new Error('unwell')) };
    bridge = createHarness({}, { world: bridge, gateway: failing });
    bridge.stores.sessions.get = () => Promise.reject(new CausewayError('unavailable', 'no store'));
    await expect(bridge.send(client, '42["a"]')).resolves.toBeUndefined();
  });
});

test('attachments are put in order by when API Gateway got them, then by when their invocations began', async () => {
  const client = await bridge.join();
  const [first, second] = ['{"_placeholder":true,"num":0}', '{"_placeholder":true,"num":1}'];
  const frames = [
    { body: 'bAwM=', at: 5, began: 5.75 },
    { body: 'bAQE=', at: 5, began: 5.25 },
    { body: `452-["a",${first},${second}]`, at: 5, began: 5.5 },
  ];
  for (const frame of frames) {
    const reply = await bridge.bridge.frame({ ...client, ...frame });
    if (reply !== undefined) client.frames.push(reply);
  }
  expect(client.frames).toEqual([`452-["a-back",${first},${second}]`, 'bAQE=', 'bAwM=']);
});

test('the application is told which frame a message came with, so that it knows one that is delivered twice', async () => {
  const client = await bridge.join();
  await bridge.bridge.frame({ ...client, body: '42["a"]', requestId: 'BFHPhFe3IAMF95g=' });
  expect(bridge.runtime.served.at(-1)).toMatchObject({ text: '2["a"]', frame: 'BFHPhFe3IAMF95g=' });
});

describe('upgrades that race', () => {
  test('5 and a message at once: both are served, the session moves once', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const client = await bridge.dial(sid);
    const other = createHarness({}, { world: bridge });
    await Promise.all([
      other.send(client, '42["a"]'),
      bridge.send(client, '5'),
      other.send(client, '42["b"]'),
    ]);

    expect(client.connection.open).toBe(true);
    expect(client.frames.toSorted()).toEqual(['40{"sid":"socket-0"}', '42["a-back"]', '42["b-back"]']);
  });

  test('a message whose connection lost the race is turned away', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const first = await bridge.dial(sid);
    const { upgrade } = bridge.stores.sessions;
    bridge.stores.sessions.upgrade = async (...args) => {
      bridge.stores.sessions.upgrade = upgrade;
      const second = await bridge.dial(sid);
      await bridge.send(second, '5');
      return upgrade(...args);
    };
    await bridge.send(first, '42["a"]');
    expect(first.connection.open).toBe(false);
    expect(bridge.runtime.served).toHaveLength(1);
  });
});

test('a first CONNECT may be served from memory for a minute, once', async () => {
  const client = await bridge.dial();
  vi.setSystemTime(Date.now() + 60_000);
  bridge.calls.length = 0;
  await bridge.send(client, '40');
  expect(bridge.calls[0]).toBe('sessions.get');
});

test('an instance forgets the oldest of ten thousand connections', async () => {
  const first = await bridge.dial();
  for (let n = 0; n < 10_000; n++) await bridge.dial();
  bridge.calls.length = 0;
  await bridge.send(first, '40');
  await bridge.bridge.disconnected(first);
  expect(bridge.calls.filter((call) => call === 'sessions.get')).toHaveLength(2);
});

test('admission refuses by the stock server’s rules', async () => {
  const upgrade = { connectionId: 'c' as ConnectionId, headers: {}, url: '', address: '' };
  const sid = await bridge.handshake();
  const codes = await Promise.all(
    [
      {},
      { transport: 'polling', EIO: '4' },
      { transport: 'websocket' },
      { transport: 'websocket', EIO: '3', sid },
      { transport: 'websocket', EIO: '4', sid: '' },
    ].map(async (query) => {
      const admission = await bridge.bridge.admit({ ...upgrade, query: query });
      return 'refused' in admission ? admission.refused.code : admission.open?.slice(0, 2);
    }),
  );
  expect(codes).toEqual([0, 3, 5, 3, '0{']);
});

test('without somebody to send OPEN it is left to the caller', async () => {
  bridge = createHarness({}, { sendOpen: undefined as never });
  const client = await bridge.dial();
  expect(client.frames).toEqual([]);
});
