import { describe, expect, test } from 'vitest';
import { connected, openChannel, TRANSPORTS } from '../support/channel.ts';
import { Wire } from '../support/wire.ts';
import type { Target } from '../target.ts';

const SID = String.raw`"[\w-]{20}"`;

/** Published suite "connect". */
export function connect({ url }: Target): void {
  describe.each(TRANSPORTS)('connect over %s', (transport) => {
    const answerTo = async (packet: string, count = 2) => {
      const channel = await openChannel(url(), transport);
      await channel.send(packet);
      return channel.take(count);
    };

    test('to the main namespace: the answer has a sid and nothing else', async () => {
      const [answer, auth] = await answerTo('40');
      expect(answer).toMatch(new RegExp(`^40\\{"sid":${SID}\\}$`));
      expect(auth).toBe('42["auth",{}]');
    });

    test('to the main namespace with a payload', async () => {
      const [answer, auth] = await answerTo('40{"token":"123"}');
      expect(answer).toMatch(new RegExp(`^40\\{"sid":${SID}\\}$`));
      expect(auth).toBe('42["auth",{"token":"123"}]');
    });

    test.each(['40/custom,', '40/custom'])('to a custom namespace: %s', async (packet) => {
      const [answer, auth] = await answerTo(packet);
      expect(answer).toMatch(new RegExp(`^40/custom,\\{"sid":${SID}\\}$`));
      expect(auth).toBe('42/custom,["auth",{}]');
    });

    test('to a custom namespace with a payload', async () => {
      const [answer, auth] = await answerTo('40/custom,{"token":"abc","deep":{"list":[1,null,"ż"]}}');
      expect(answer).toMatch(/^40\/custom,\{"sid":/);
      expect(auth).toBe('42/custom,["auth",{"token":"abc","deep":{"list":[1,null,"ż"]}}]');
    });

    test('what a client calls pid and offset is refused nothing and believed nothing', async () => {
      const [answer, auth] = await answerTo('40{"pid":"AAAA","offset":"-","token":"1"}');
      expect(answer).toMatch(new RegExp(`^40\\{"sid":${SID}\\}$`));
      expect(auth).toBe('42["auth",{"pid":"AAAA","offset":"-","token":"1"}]');
    });

    test.each([
      ['40/random', '44/random,{"message":"Invalid namespace"}'],
      ['40/random,{"a":1}', '44/random,{"message":"Invalid namespace"}'],
      ['40/__proto__,', '44/__proto__,{"message":"Invalid namespace"}'],
    ])('to a namespace that is not there: %s', async (packet, error) => {
      expect(await answerTo(packet, 1)).toEqual([error]);
    });

    test('a refused namespace does not harm the others', async () => {
      const channel = await openChannel(url(), transport);
      await channel.send('40/random,', '40');
      const packets = await channel.take(3);
      expect(packets).toContain('44/random,{"message":"Invalid namespace"}');
      expect(packets).toContain('42["auth",{}]');
      await channel.send('421["message-with-ack"]');
      expect(await channel.next()).toBe('431[]');
    });

    test('two namespaces on one session have two ids', async () => {
      const channel = await openChannel(url(), transport);
      await channel.send('40');
      const [main] = await channel.take(2);
      await channel.send('40/custom,');
      const [custom] = await channel.take(2);
      expect(idIn(main)).not.toBe(idIn(custom));
      expect(custom).toMatch(/^40\/custom,/);
    });

    test.each(['4abc', '4', '40[]', '40"text"', '40{', '40/custom,[1]', '49'])(
      'the invalid handshake %s ends the session',
      async (packet) => {
        const channel = await openChannel(url(), transport);
        await channel.send(packet);
        await channel.ended();
      },
    );

    test.each(['42["message"]', '41', '430[]', '42/custom,["message"]'])(
      '%s before CONNECT ends the session',
      async (packet) => {
        const channel = await openChannel(url(), transport);
        await channel.send(packet);
        await channel.ended();
      },
    );

    test.each(['40', '44', '44{"message":"no"}', '42/custom,["message"]', '43/custom,1[]'])(
      '%s in a namespace where it makes no sense ends the session',
      async (packet) => {
        const channel = await connected(url(), transport);
        await channel.send(packet);
        await channel.ended();
      },
    );
  });

  describe('connect timeout', () => {
    test('a client that answers pings and never connects is closed', async () => {
      const wire = await Wire.session(url());
      await wire.ended();
      expect(wire.frames.slice(1).every((frame) => frame === '2')).toBe(true);
    });

    test('a polling client that never connects loses its session', async () => {
      const channel = await openChannel(url(), 'polling');
      await channel.ended();
    });

    test('a client that connects stays beyond it', async () => {
      const channel = await connected(url(), 'websocket');
      const idle = await Wire.session(url());
      await idle.ended(); // its connect timeout began later than that of the other
      await channel.send('421["message-with-ack","still here"]');
      expect(await channel.next()).toBe('431["still here"]');
    });
  });
}

function idIn(packet: string | undefined): string {
  return (JSON.parse(packet!.slice(packet!.indexOf('{'))) as { sid: string }).sid;
}
