import { describe, expect, test } from 'vitest';
import { Wire } from '../support/wire.ts';
import type { Target } from '../target.ts';

const PLACEHOLDER = '{"_placeholder":true,"num":0}';

/** Published suite "message, WebSocket". */
export function webSocket({ url, deviates }: Target): void {
  const joined = async (query: Readonly<Record<string, string>> = {}) => {
    const wire = await Wire.session(url(), query);
    wire.send('40');
    await wire.take(2);
    return wire;
  };

  describe('WebSocket frames', () => {
    test('one packet per frame, each way', async () => {
      const wire = await joined();
      wire.send('42["message","hello"]');
      expect(await wire.next()).toBe('42["message-back","hello"]');
    });

    test('events in flight together come back complete', async () => {
      const wire = await joined();
      const numbers = Array.from({ length: 10 }, (_, n) => n);
      wire.send(...numbers.map((n) => `42["message",${n}]`));
      const frames = (await wire.take(10)).map(String);
      const answers = numbers.map((n) => `42["message-back",${n}]`);
      if (deviates('order-in-flight')) expect(frames.toSorted()).toEqual(answers);
      else expect(frames).toEqual(answers);
    });

    test('a binary frame', async () => {
      const wire = await joined();
      wire.send(`451-["message",${PLACEHOLDER}]`, Buffer.from([1, 2, 3, 4]));
      if (deviates('binary-frames')) {
        expect((await wire.ended()).code).toBe(1003);
        return;
      }
      expect(await wire.take(2)).toEqual([`451-["message-back",${PLACEHOLDER}]`, Buffer.from([1, 2, 3, 4])]);
    });

    test('base64 text in place of a binary frame, from a client that announced b64', async () => {
      const wire = await joined({ b64: '1' });
      wire.send(`451-["message",${PLACEHOLDER}]`, 'bAQIDBA==');
      expect(await wire.take(2)).toEqual([`451-["message-back",${PLACEHOLDER}]`, 'bAQIDBA==']);
    });

    test('base64 text from a client that did not announce it', async () => {
      const wire = await joined();
      wire.send(`451-["message",${PLACEHOLDER}]`, 'bAQIDBA==');
      expect(await wire.take(2)).toEqual([
        `451-["message-back",${PLACEHOLDER}]`,
        deviates('attachments-as-text') ? 'bAQIDBA==' : Buffer.from([1, 2, 3, 4]),
      ]);
    });

    test.each(['abc', '7', 'hello', '{"message":"x"}'])(
      'the invalid packet %j ends the session',
      async (frame) => {
        const wire = await Wire.session(url());
        wire.send(frame);
        await wire.ended();
      },
    );

    test('a ping from the client ends the session', async () => {
      const wire = await Wire.session(url());
      wire.send('2');
      await wire.ended();
    });

    test('a noop is ignored', async () => {
      const wire = await joined();
      wire.send('6', '42["message",1]');
      expect(await wire.next()).toBe('42["message-back",1]');
    });

    test('a frame of 33 KB', async () => {
      const wire = await joined();
      const text = 'x'.repeat(33 * 1024);
      wire.send(`42["message","${text}"]`);
      if (deviates('frame-size')) expect((await wire.ended()).code).toBe(1009);
      else expect(await wire.next()).toBe(`42["message-back","${text}"]`);
    });

    test('a frame of 30 KB and text beyond ASCII', async () => {
      const wire = await joined();
      const text = `${'x'.repeat(30_000)}żółć漢字😀`;
      wire.send(`42["message","${text}"]`);
      expect(await wire.next()).toBe(`42["message-back","${text}"]`);
    });
  });
}
