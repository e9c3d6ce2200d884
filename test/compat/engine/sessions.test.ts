import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import type { SocketEntry } from '../../../lambdas/ports/socketio.ts';
import { createHarness, type Harness, RS } from './harness.ts';

let bridge: Harness;
beforeEach(() => {
  vi.useFakeTimers();
  bridge = createHarness();
});
afterEach(() => vi.useRealTimers());

const entry = async (socketId = 'socket-0') =>
  (await bridge.stores.sockets.find('/', socketId, Date.now())) as SocketEntry;

describe('delivering', () => {
  test('to a connection posts in order', async () => {
    const client = await bridge.join();
    expect(await bridge.sessions.deliver(await entry(), ['42["a"]', '42["b"]'])).toBe('sent');
    expect(client.frames).toEqual(['42["a"]', '42["b"]']);
    expect(bridge.calls).toEqual(['post', 'post']);
  });

  test('to a connection that is gone ends its session, once', async () => {
    const client = await bridge.join();
    client.connection.open = false;
    const to = await entry();
    expect(
      await Promise.all([bridge.sessions.deliver(to, ['4']), bridge.sessions.deliver(to, ['4'])]),
    ).toEqual(['gone', 'gone']);
    expect(bridge.runtime.ended).toEqual([{ sid: client.sid, reason: 'transport close' }]);
    expect(await bridge.stores.sockets.list({ nsp: '/' }, 0)).toEqual([]);
  });

  test('nothing of a message goes when a part of it is too large', async () => {
    const client = await bridge.join();
    expect(await bridge.sessions.deliver(await entry(), ['451-[]', `b${'x'.repeat(131_072)}`])).toBe(
      'too-large',
    );
    expect(client.frames).toEqual([]);
  });

  test('to a polling session waits in its outbox', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    await bridge.get(sid);
    expect(await bridge.sessions.deliver(await entry(), ['42["a"]', '42["b"]'])).toBe('sent');
    expect((await bridge.get(sid)).body).toBe(['42["a"]', '42["b"]'].join(RS));
  });

  test('to a session that has moved since its entry was read posts', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const stale = await entry();
    const client = await bridge.dial(sid);
    await bridge.send(client, '5');
    expect(await bridge.sessions.deliver(stale, ['42["a"]'])).toBe('sent');
    expect(client.frames.at(-1)).toBe('42["a"]');
  });

  test('to a session that moves waits for what waited for a poll, the reply to CONNECT perhaps', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const stale = await entry();
    const client = await bridge.dial(sid);
    const { upgrade } = bridge.stores.sessions;
    bridge.stores.sessions.upgrade = async (...args) => {
      const before = await upgrade(...args);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return before;
    };
    const moving = bridge.send(client, '5');
    const delivering = bridge.sessions.deliver(stale, ['42["a"]']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await Promise.all([moving, delivering])).toEqual([undefined, 'sent']);
    expect(client.frames).toEqual(['40{"sid":"socket-0"}', '42["a"]']);
  });

  test('to a session whose move was not brought to an end is refused, and may be tried again', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const stale = await entry();
    const client = await bridge.dial(sid);
    await bridge.stores.sessions.upgrade(sid, client.connectionId, Date.now() + 3_600_000);
    const delivering = bridge.sessions.deliver(stale, ['42["a"]']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([await delivering, client.frames]).toEqual(['throttled', []]);
  });

  test('to a socket that was made while its session moved posts, once its CONNECT is answered', async () => {
    const sid = await bridge.handshake();
    const client = await bridge.dial(sid);
    const { commit } = bridge.stores.sessions;
    bridge.stores.sessions.commit = async (...args) => {
      bridge.stores.sessions.commit = commit;
      await bridge.send(client, '5');
      return commit(...args);
    };
    await bridge.post(sid, '40');
    expect(await bridge.sessions.deliver({ socketId: 'socket-0', sid }, ['42["a"]'])).toBe('sent');
    expect(client.frames).toEqual(['40{"sid":"socket-0"}', '42["a"]']);
    expect(await entry()).toMatchObject({ connectionId: client.connectionId });
  });

  test('to a session that is over is gone', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const stale = await entry();
    await bridge.sessions.end(sid, 'ping timeout');
    expect(await bridge.sessions.deliver(stale, ['4'])).toBe('gone');
  });

  test('to an outbox that is full ends the session', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const to = await entry();
    const big = `42["${'x'.repeat(100_000)}"]`;
    expect(await bridge.sessions.deliver(to, [big])).toBe('sent');
    expect(await bridge.sessions.deliver(to, [big])).toBe('sent');
    expect(await bridge.sessions.deliver(to, [big])).toBe('gone');
    expect(await bridge.closed(sid)).toBe('transport error');
  });

  test.each([
    ['throttled', 'throttled'],
    ['too-large', 'too-large'],
  ] as const)('a post that is %s is %s, and ends the message', async (outcome, told) => {
    await bridge.join();
    const posts: string[] = [];
    bridge = createHarness(
      {},
      {
        world: bridge,
        gateway: {
          post: async (_to, frame) => {
            posts.push(frame);
            return outcome;
          },
          close: async () => {},
        },
      },
    );
    expect(await bridge.sessions.deliver(await entry(), ['42["a"]', '42["b"]'])).toBe(told);
    expect(posts).toEqual(['42["a"]']);
  });
});

describe('ending', () => {
  test('takes the sockets out of every room, runs the listeners and then closes the connection', async () => {
    const client = await bridge.join();
    await bridge.send(client, '40/a');
    await bridge.send(client, '42["join","red"]');
    bridge.calls.length = 0;
    await bridge.sessions.end(client.sid, 'forced server close');

    expect(bridge.calls).toEqual([
      'sessions.close',
      'sockets.remove',
      'sockets.remove',
      'sockets.remove',
      'close',
    ]);
    expect(await bridge.stores.sockets.list({ nsp: '/', room: 'red' }, 0)).toEqual([]);
    expect(bridge.runtime.ended).toHaveLength(1);
    await bridge.sessions.end(client.sid, 'again');
    expect(bridge.runtime.ended).toHaveLength(1);
  });

  test('a disconnected client costs two calls one after another, and no close', async () => {
    const client = await bridge.join();
    await bridge.bridge.disconnected(client);
    expect(bridge.calls).toEqual(['sessions.close', 'sockets.remove']);
    expect(await bridge.closed(client.sid)).toBe('transport close');
  });

  test('an instance that does not know the connection reads the session first', async () => {
    const client = await bridge.join();
    bridge = createHarness({}, { world: bridge });
    await bridge.bridge.disconnected({ ...client, connectionId: 'other' as ConnectionId });
    expect(await bridge.closed(client.sid)).toBeUndefined();
    await bridge.bridge.disconnected(client);
    expect(bridge.calls).toEqual(['sessions.get', 'sessions.get', 'sessions.close', 'sockets.remove']);
  });

  test('a polling session closes the WebSocket that probes it', async () => {
    const sid = await bridge.handshake();
    const client = await bridge.dial(sid);
    await bridge.sessions.end(sid, 'ping timeout');
    expect(client.connection.open).toBe(false);
  });

  test('is kept as long as recovery needs it', async () => {
    for (const [recovery, ms] of [
      [undefined, 60_000],
      [{ windowMs: 300_000 }, 300_000],
    ] as const) {
      bridge = createHarness(recovery === undefined ? {} : { recovery });
      const sid = await bridge.handshake();
      await bridge.sessions.end(sid, 'transport close');
      vi.setSystemTime(Date.now() + ms - 1);
      expect(await bridge.closed(sid)).toBe('transport close');
      vi.setSystemTime(Date.now() + 1);
      expect(await bridge.closed(sid)).toBeUndefined();
    }
  });

  test('goes on to the close when the application or the gateway fails', async () => {
    const client = await bridge.join();
    bridge.runtime.end = () => Promise.reject(new Error('broken listener'));
    await bridge.sessions.end(client.sid, 'ping timeout');
    expect(client.connection.open).toBe(false);
    expect(bridge.errors).toEqual(['a session ended badly']);

    const failing = { post: async () => 'sent' as const, close: () => Promise.reject(new Error('unwell')) };
    bridge = createHarness({}, { world: bridge, gateway: failing });
    const other = await bridge.dial();
    await bridge.sessions.end(other.sid, 'ping timeout');
    expect(await bridge.closed(other.sid)).toBe('ping timeout');
  });
});
