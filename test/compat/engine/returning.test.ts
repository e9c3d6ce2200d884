/** A socket comes back, and the reply to its CONNECT is refused by the gateway. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { SocketEntry } from '../../../lambdas/ports/socketio.ts';
import { createHarness } from './harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const OFFSET = '0loyw56wg-0001af4ZjQ';

test('a client that never got the reply to its CONNECT is told nothing else: it would keep it for the next CONNECT', async () => {
  const posted: string[] = [];
  const outcomes: string[] = [];
  let to: SocketEntry | undefined;
  const bridge = createHarness(
    {},
    {
      gateway: {
        async post(_connectionId, packet) {
          posted.push(packet);
          return packet.startsWith('40') ? 'throttled' : 'sent';
        },
        // Its session has been closed in the store, and the connection is still there.
        async close() {
          if (to !== undefined) outcomes.push(await bridge.sessions.deliver(to, [`42["said","${OFFSET}"]`]));
        },
      },
    },
  );
  const client = await bridge.dial();
  bridge.runtime.run = async ({ sid, connectionId }, _messages, outlet) => {
    const held = { since: Date.now(), until: Date.now() + 15_000, known: new Set<string>() };
    await bridge.stores.sessions.hold(sid, held.until);
    to = { socketId: 'back', sid, connectionId: connectionId!, heldUntil: held.until };
    await bridge.stores.sockets.add({ nsp: '/' }, to, Infinity);
    outlet.write(['40{"sid":"back","pid":"pid"}']);
    return {
      changes: {
        sockets: { '/': { connect: { id: 'back', pid: 'pid', auth: '{}', data: '{}', rooms: [] } } },
      },
      held,
    };
  };

  await bridge.send(client, '40{"pid":"pid","offset":"0"}');

  expect((await bridge.stores.sessions.get(client.sid))?.closed?.reason).toBe('transport close');
  expect(outcomes).toEqual(['sent']);
  expect(posted).toEqual(['40{"sid":"back","pid":"pid"}']);
});
