import { describe, expect, test } from 'vitest';
import { address } from '../support/address.ts';
import { Polling } from '../support/polling.ts';
import { Wire } from '../support/wire.ts';
import { SETTINGS, type Target } from '../target.ts';

/** Published suite "heartbeat". */
export function heartbeat({ url }: Target): void {
  describe('heartbeat over HTTP long-polling', () => {
    test('a waiting GET gets the ping, and the pong is posted', async () => {
      const session = await Polling.session(url());
      for (let n = 0; n < 3; n++) {
        expect(await session.get()).toMatchObject({ status: 200, body: '2' });
        await session.send('3');
      }
    });

    test('the session ends when no pong comes', async () => {
      const session = await Polling.session(url());
      expect((await session.get()).body).toBe('2');
      expect(await endOf(session)).toBe(400);
    });

    test('the session ends when its client neither polls nor posts', async () => {
      const session = await Polling.session(url());
      // The published suite waits exactly this long, too: nothing tells a client that its session has ended.
      const { pingIntervalMs, pingTimeoutMs } = SETTINGS;
      await new Promise((resolve) => setTimeout(resolve, pingIntervalMs + pingTimeoutMs));
      expect((await session.get()).status).toBe(400);
    });
  });

  describe('heartbeat over WebSocket', () => {
    test('pings come, again and again, while pongs do', async () => {
      const wire = new Wire(address(url(), 'websocket'), { pongs: false });
      expect(await wire.next()).toMatch(/^0/);
      wire.send('40');
      await wire.take(2);
      for (let n = 0; n < 5; n++) {
        expect(await wire.next()).toBe('2');
        wire.send('3');
      }
    });

    test('the connection is closed when no pong comes', async () => {
      const wire = new Wire(address(url(), 'websocket'), { pongs: false });
      await wire.ended();
      expect(wire.frames.slice(1)).toContain('2');
    });

    test('a connected client is closed when it stops answering', async () => {
      const wire = new Wire(address(url(), 'websocket'), { pongs: false });
      await wire.next();
      wire.send('40');
      await wire.take(2);
      await wire.ended();
    });
  });
}

/** A GET may still be waiting when the session ends: then it gets a close packet, and the next one is refused. */
async function endOf(session: Polling): Promise<number> {
  for (;;) {
    const { status, body } = await session.get();
    if (status !== 200) return status;
    expect(['1', '2', '6']).toContain(body);
  }
}
