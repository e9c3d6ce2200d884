/** What stock clients do, and do not do, whatever the protocol's text lets one expect. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { createHarness, type Dialled, type Harness, passing } from './harness.ts';

const MINUTE = 60_000;

let bridge: Harness;
beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(1_000 * 4 * MINUTE + 20_000);
  bridge = createHarness();
});
afterEach(() => vi.useRealTimers());

const WAYS: Readonly<Record<string, (client: Dialled) => Promise<unknown>>> = {
  'the server ends it': ({ sid }) => bridge.sessions.end(sid, 'forced server close'),
  'the application closes it': (client) => bridge.send(client, '42["close"]'),
  'what it sends cannot be parsed': (client) => bridge.send(client, 'garbage'),
  'it asks for the close': (client) => bridge.send(client, '1'),
  'it stops answering': () => schedule(6),
};

// Clients in JavaScript and Java do not listen to it (engine.io-client, `onPacket`).
test.each(Object.keys(WAYS))(
  'a WebSocket client is never sent a close packet: its connection is closed (%s)',
  async (way) => {
    const client = await bridge.dial();
    await bridge.send(client, '40');

    await WAYS[way]!(client);

    expect(client.connection.open).toBe(false);
    expect(client.frames).not.toContain('1');
  },
);

// Their patience ends an interval and a timeout after the last ping, whatever else arrives (engine.io-client, `_resetPingTimeout`).
describe('a client that never stops talking is pinged as any other', () => {
  test('by the minute', async () => {
    const client = await bridge.dial();
    await bridge.send(client, '40');
    let pingedAt = Date.now();

    await schedule(20, async () => {
      await bridge.send(client, '42["talk"]');
      if (client.frames.includes('2')) {
        client.frames.length = 0;
        pingedAt = Date.now();
        await bridge.send(client, '3');
      }
      expect(Date.now() - pingedAt).toBeLessThan(5 * MINUTE);
    });

    expect(client.connection.open).toBe(true);
  });

  test('and faster', async () => {
    bridge = createHarness({ heartbeat: { pingIntervalMs: 300, pingTimeoutMs: 200 } });
    const sweeping = bridge.bridge.sweep(Date.now() + 2_000);
    const client = await bridge.dial();
    await bridge.send(client, '40');
    for (let said = 0; said < 6; said += 1) {
      await vi.advanceTimersByTimeAsync(60);
      await bridge.send(client, '42["talk"]');
    }
    expect(client.frames).toContain('2');
    await passing(sweeping);
  });
});

/** The sweep, once a minute. */
async function schedule(minutes: number, each: () => Promise<void> = async () => {}): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await vi.advanceTimersByTimeAsync(MINUTE);
    await bridge.bridge.sweep(Date.now() + 25_000);
    await each();
  }
}
