import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { DEADLINE_MS } from '../../../compat/engine/deadline.ts';
import { createHarness, type Harness } from './harness.ts';

/** Functions end at 28 s: by then the bridge has answered, whatever hangs. */
describe('what never ends', () => {
  let bridge: Harness;
  beforeEach(() => {
    vi.useFakeTimers();
    bridge = createHarness();
    bridge.runtime.gate = new Promise(() => {});
  });
  afterEach(() => vi.useRealTimers());

  test('costs a WebSocket client its connection, and no invocation', async () => {
    const client = await bridge.dial();
    await bridge.send(client, '40');
    const served = bridge.send(client, '42["slow"]');
    await vi.advanceTimersByTimeAsync(DEADLINE_MS - 1);
    expect(client.connection.open).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    await served;
    expect(client.connection.open).toBe(false);
    expect(bridge.errors).toEqual(['a frame could not be served']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('nor does a connection that cannot be closed either', async () => {
    const close = () => new Promise<void>(() => {});
    bridge = createHarness({}, { world: bridge, gateway: { post: async () => 'sent', close } });
    bridge.runtime.gate = new Promise(() => {});
    const client = await bridge.dial();
    await bridge.send(client, '40');
    const served = bridge.send(client, '42["slow"]');
    await vi.advanceTimersByTimeAsync(28_000);
    await served;
  });

  test('costs a polling client one request, which it repeats', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    const posted = bridge.post(sid, '42["slow"]');
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect((await posted).status).toBe(503);
  });

  test('is no end of a connection', async () => {
    const client = await bridge.dial();
    bridge.runtime.end = () => new Promise(() => {});
    const ended = expect(bridge.bridge.disconnected(client)).rejects.toThrow('26500 ms');
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    await ended;
  });

  test('a poll is answered within what API Gateway waits, however late its function started', async () => {
    const sid = await bridge.handshake();
    await bridge.post(sid, '40');
    await bridge.get(sid);
    const at = Date.now();
    await vi.advanceTimersByTimeAsync(8_000);
    const polled = bridge.get(sid, { at });
    await vi.advanceTimersByTimeAsync(12_000);
    expect((await polled).body).toBe('6');
  });
});
