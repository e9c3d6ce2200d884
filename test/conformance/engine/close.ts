import { describe, expect, test } from 'vitest';
import { Polling } from '../support/polling.ts';
import { Wire } from '../support/wire.ts';
import type { Target } from '../target.ts';

const UNKNOWN_SID = { status: 400, body: '{"code":1,"message":"Session ID unknown"}' };

/** Published suite "close". */
export function close({ url }: Target): void {
  describe('close', () => {
    test('over polling: the waiting GET is released with a noop, then the session is unknown', async () => {
      const session = await Polling.session(url());
      const [waiting, posted] = await Promise.all([session.get(), session.post('1')]);
      expect(waiting).toMatchObject({ status: 200, body: '6' });
      expect(posted).toMatchObject({ status: 200, body: 'ok' });
      expect(await session.get()).toMatchObject(UNKNOWN_SID);
    });

    test('over polling without a waiting GET: the session is unknown', async () => {
      const session = await Polling.session(url());
      expect(await session.post('1')).toMatchObject({ status: 200, body: 'ok' });
      expect(await session.get()).toMatchObject(UNKNOWN_SID);
      expect(await session.post('40')).toMatchObject(UNKNOWN_SID);
    });

    test('over WebSocket: the connection is closed', async () => {
      const wire = await Wire.session(url());
      // A stock server leaves it to the ping timeout: a client that closes answers no more pings.
      wire.socket.removeAllListeners('message');
      wire.send('1');
      await wire.ended();
    });

    test('of a WebSocket that just closes: its sid cannot be used again', async () => {
      const wire = await Wire.session(url());
      const { sid } = JSON.parse(String(wire.frames[0]).slice(1)) as { sid: string };
      await wire.close();
      const again = new Wire(`${wire.socket.url}&sid=${sid}`);
      await again.ended();
    });
  });
}
