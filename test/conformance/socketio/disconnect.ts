import { describe, expect, test } from 'vitest';
import { connected, openChannel, TRANSPORTS } from '../support/channel.ts';
import { Wire } from '../support/wire.ts';
import type { Target } from '../target.ts';

/** Published suite "disconnect". */
export function disconnect({ url }: Target): void {
  describe.each(TRANSPORTS)('disconnect over %s', (transport) => {
    test('from a custom namespace leaves the main one connected', async () => {
      const channel = await connected(url(), transport);
      await channel.send('40/custom');
      await channel.take(2);
      await channel.send('41/custom', '42["message","message to main namespace"]');
      expect(await channel.next()).toBe('42["message-back","message to main namespace"]');
    });

    test('from the main namespace leaves a custom one connected', async () => {
      const channel = await connected(url(), transport);
      await channel.send('40/custom,');
      await channel.take(2);
      await channel.send('41');
      await channel.settled();
      // The session is still there: the main namespace can be joined again, with a new id.
      await channel.send('40{"again":true}');
      expect(await channel.take(2)).toEqual([
        expect.stringMatching(/^40\{"sid":/),
        '42["auth",{"again":true}]',
      ]);
    });

    test('an event after the disconnect ends the session', async () => {
      const channel = await connected(url(), transport);
      await channel.send('41');
      await channel.settled();
      await channel.send('42["message","too late"]');
      await channel.ended();
    });

    test('twice ends the session', async () => {
      const channel = await connected(url(), transport);
      await channel.send('41');
      await channel.settled();
      await channel.send('41');
      await channel.ended();
    });
  });

  test('disconnecting from the only namespace keeps the session beyond the connect timeout: pings go on', async () => {
    const wire = await Wire.session(url());
    wire.send('40');
    await wire.take(2);
    wire.send('41');
    for (let pings = 0; pings < 5; pings++) await wire.pinged();
    expect(wire.frames.slice(3).every((frame) => frame === '2')).toBe(true);
  });

  test('a session may disconnect and connect many times', async () => {
    const channel = await openChannel(url(), 'websocket');
    const ids = new Set<string>();
    for (let n = 0; n < 5; n++) {
      await channel.send('40');
      const [answer] = await channel.take(2);
      ids.add(answer!);
      await channel.send('41');
      await channel.settled();
    }
    expect(ids.size).toBe(5);
  });
}
