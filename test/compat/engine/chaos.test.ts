import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { createHarness, type Harness, RS } from './harness.ts';

let bridge: Harness;
beforeEach(() => {
  vi.useFakeTimers();
  bridge = createHarness();
});
afterEach(() => vi.useRealTimers());

describe('binary', () => {
  test('header and attachments may come in any order, each in an invocation of its own', async () => {
    const client = await bridge.join();
    await Promise.all(
      ['bAQ==', '42["text"]', '452-["bin"]', 'bAg=='].map((body) => bridge.send(client, body)),
    );
    expect(client.frames.toSorted()).toEqual(
      ['42["text-back"]', '452-["bin-back"]', 'bAQ==', 'bAg=='].toSorted(),
    );
    expect((await bridge.stores.sessions.get(client.sid))?.partial).toEqual([]);
  });

  test('a message is completed by exactly one of many invocations', async () => {
    const client = await bridge.join();
    const frames = ['454-["bin"]', 'bAQ==', 'bAg==', 'bAw==', 'bBA=='];
    await Promise.all(frames.map((body) => bridge.send(client, body)));
    expect(bridge.runtime.served.filter(({ attachments }) => attachments.length === 4)).toHaveLength(1);
  });

  test('too much of it ends the session', async () => {
    const client = await bridge.join();
    for (let n = 0; n < 8; n++) await bridge.send(client, `b${Buffer.alloc(30_000).toString('base64')}`);
    expect(await bridge.closed(client.sid)).toBe('parse error');
  });

  test('an invocation that never gets its turn gives up; one whose session ends meanwhile stops', async () => {
    const client = await bridge.join();
    const { setPartial } = bridge.stores.sessions;
    bridge.stores.sessions.setPartial = async () => 'changed';
    await bridge.send(client, '451-["a"]');
    expect(bridge.errors).toEqual(['a frame could not be served']);

    bridge.stores.sessions.setPartial = setPartial;
    const other = await bridge.join();
    bridge.stores.sessions.setPartial = async () => {
      await bridge.sessions.end(other.sid, 'ping timeout');
      return 'changed';
    };
    await bridge.send(other, '451-["a"]');
    expect(other.connection.open).toBe(false);
  });

  test('of a polling session that ends meanwhile goes nowhere', async () => {
    const sid = await bridge.handshake();
    bridge.stores.sessions.setPartial = async () => {
      await bridge.sessions.end(sid, 'ping timeout');
      return 'changed';
    };
    expect((await bridge.post(sid, '451-["a"]')).body).toBe('ok');
    expect(bridge.runtime.served).toEqual([]);
  });
});

test('random frames, in any order and several at once, never throw, and never reach another session', async () => {
  const packet = fc.oneof(
    fc.constantFrom(
      '40',
      '40/a',
      '41',
      '42["a"]',
      '451-["a"]',
      'bAQ==',
      '5',
      '2probe',
      '3',
      '6',
      '42/a,1["b"]',
      '40{"x":1}',
    ),
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.string({ maxLength: 50 }).map((text) => `4${text}`),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(packet, { maxLength: 30 }), async (packets) => {
      bridge = createHarness();
      const bystander = await bridge.dial();
      await bridge.send(bystander, '40');
      const client = await bridge.dial();
      await Promise.all(packets.map((body) => bridge.send(client, body)));
      const sid = await bridge.handshake();
      await bridge.post(sid, packets.join(RS));

      expect(bystander.connection.open).toBe(true);
      expect(bystander.frames).toHaveLength(2);
      expect(bridge.errors).toEqual([]);
      const present = await bridge.stores.sockets.list({ nsp: '/' }, 0);
      for (const entry of present) expect(await bridge.closed(entry.sid)).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});
