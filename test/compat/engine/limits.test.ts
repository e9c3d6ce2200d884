/** What a client may send the engine, how often an address may connect, who is sent away. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { createMemoryStores } from '../../../lambdas/adapters/memory/memory-stores.ts';
import { createRateLimiter } from '../../../lambdas/app/rate-limit.ts';
import { type ClientLimits, LIMITS } from '../../../lambdas/manifest/limits.ts';
import { createHarness, type Dialled, type Harness, RS } from './harness.ts';

const SILENT = { info: () => {}, warn: () => {} };
const limiter = (over: Partial<ClientLimits>) =>
  createRateLimiter({ ...createMemoryStores(), limits: { ...LIMITS, ...over }, log: SILENT });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('frames', () => {
  let world: Harness;
  beforeEach(() => {
    world = createHarness({}, { rates: limiter({ framesPerSocket: { perSecond: 1, burst: 20 } }) });
  });

  const flood = async (client: Dialled, count: number, body = '42["a"]') => {
    for (let n = 0; n < count; n++) await world.send(client, body);
  };

  test('beyond the allowance are lost, and cost the store nothing', async () => {
    const client = await world.join();
    await flood(client, 19);
    expect(client.frames).toHaveLength(19);
    world.calls.length = 0;
    await flood(client, 10);
    expect(client.frames).toHaveLength(19);
    expect(world.calls).toEqual([]);
    expect(await world.closed(client.sid)).toBeUndefined();
  });

  test('are taken again a while later', async () => {
    const client = await world.join();
    await flood(client, 25);
    client.frames.length = 0;
    await vi.advanceTimersByTimeAsync(5_000);
    await flood(client, 10);
    expect(client.frames).toHaveLength(5);
  });

  test('of a client that goes on regardless end its session, once', async () => {
    const client = await world.join();
    await flood(client, 19 + 19);
    expect(await world.closed(client.sid)).toBeUndefined();
    await flood(client, 1);
    expect(await world.closed(client.sid)).toBe('forced close');
    expect(client.connection.open).toBe(false);
    world.calls.length = 0;
    await flood(client, 10);
    expect(world.calls).toEqual([]);
  });

  test('count whatever they hold: a pong is a write, too', async () => {
    const client = await world.join();
    world.calls.length = 0;
    await flood(client, 40, '3');
    expect(world.calls.filter((call) => call === 'sessions.pong')).toHaveLength(19);
  });

  test('of others are not touched', async () => {
    const [loud, quiet] = [await world.join(), await world.join()];
    await flood(loud, 100);
    await world.send(quiet, '42["a"]');
    expect(quiet.frames).toEqual(['42["a-back"]']);
  });

  test('over polling count each, and a body that is too much is lost but for its heartbeat', async () => {
    const sid = await world.handshake();
    await world.post(sid, '40');
    const body = Array.from({ length: 15 }, () => '42["a"]').join(RS);
    expect(await world.post(sid, body)).toMatchObject({ status: 200 });
    world.calls.length = 0;
    expect(await world.post(sid, `${body}${RS}3`)).toMatchObject({ status: 200, body: 'ok' });
    expect(world.calls).toEqual(['sessions.get', 'sessions.pong']);
  });

  test('over polling end the session of a client that goes on regardless', async () => {
    const sid = await world.handshake();
    await world.post(sid, '40');
    for (let n = 0; n < 38; n++) await world.post(sid, '42["a"]');
    expect(await world.closed(sid)).toBeUndefined();
    await world.post(sid, '42["a"]');
    expect(await world.closed(sid)).toBe('forced close');
  });
});

describe('connects of one address', () => {
  let world: Harness;
  beforeEach(() => {
    world = createHarness({}, { rates: limiter({ connectsPerAddress: { perSecond: 0.1, burst: 4 } }) });
  });

  test('beyond the allowance are refused: over polling with 429', async () => {
    for (let n = 0; n < 4; n++) await world.handshake();
    const refused = await world.get('');
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'Retry-After': '10' },
      body: '{"code":4,"message":"Too many connections"}',
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await world.get('')).toMatchObject({ status: 200 });
  });

  test('are the same over both transports, but an upgrade is none', async () => {
    const sid = await world.handshake();
    for (let n = 0; n < 3; n++) await world.dial();
    await expect(world.dial()).rejects.toThrow('Too many connections');
    expect((await world.dial(sid)).sid).toBe(sid);
  });

  test('a refused one leaves nothing behind', async () => {
    for (let n = 0; n < 4; n++) await world.handshake();
    world.calls.length = 0;
    await world.get('');
    expect(world.calls).toEqual([]);
  });
});

describe('a session that is sent away', () => {
  const dismiss = vi.fn();
  let world: Harness;
  beforeEach(() => {
    dismiss.mockReset();
    world = createHarness({}, { dismiss });
  });
  const sweep = async () => {
    // Until the ring of the session is due.
    for (let minute = 0; minute < 4 && dismiss.mock.calls.length === 0; minute++) {
      if (minute > 0) await vi.advanceTimersByTimeAsync(60_000);
      await world.bridge.sweep(Date.now());
    }
  };

  test('is told, and ends', async () => {
    const client = await world.join();
    dismiss.mockReturnValue({ reason: 'server namespace disconnect', packets: ['42["bye"]', '41'] });
    await sweep();
    expect(client.frames).toEqual(['42["bye"]', '41']);
    expect(await world.closed(client.sid)).toBe('server namespace disconnect');
    expect(dismiss.mock.calls.length).toBe(2);
  });

  test('finds it at its next poll', async () => {
    const sid = await world.handshake();
    await world.post(sid, '40');
    await world.get(sid);
    dismiss.mockReturnValue({ reason: 'server namespace disconnect', packets: ['41'] });
    await sweep();
    expect(await world.get(sid)).toMatchObject({ status: 200, body: '41' });
  });

  test('stays when it has done something just now', async () => {
    const client = await world.dial();
    await world.send(client, '40');
    dismiss.mockReturnValueOnce({ reason: 'server namespace disconnect', packets: [] });
    await sweep();
    expect(await world.closed(client.sid)).toBeUndefined();
  });
});
