import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createMemoryStores } from '../../lambdas/adapters/memory/memory-stores.ts';
import { createMemorySocketIoStores } from '../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import { CLOSING } from '../../lambdas/manifest/limits.ts';
import { someSid, someWebSocket } from '../contract/socketio-data.ts';
import { adaptersFor } from '../faults/sim/adapters.ts';
import { loadHandlers } from '../faults/sim/handlers.ts';
import { createRandom } from '../faults/sim/random.ts';
import { CALM } from '../faults/sim/weather.ts';
import { environmentOf } from '../faults/sim/world.ts';
import { createFakeLater } from '../support/fakes/fake-later.ts';
import { createRecordingLog } from '../support/fakes/fake-runtime.ts';
import { connectionId, HOUR, session } from '../support/fakes/world.ts';

/** Of each protocol. */
const CONNECTIONS = 500;

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 2) }));
afterEach(() => void vi.useRealTimers());

/** The function as it is deployed, over memory stores; what it closes, and pings so that the pong closes it, is noted by time. */
async function deploy() {
  const now = () => Date.now();
  const [stores, socketIo] = [createMemoryStores({ now }), createMemorySocketIoStores({ now })];
  const [closed, pinged]: [number[], number[]] = [[], []];
  const cloud = {
    stores,
    socketIo,
    gateway: {
      post: async () => 'sent' as const,
      close: async () => void closed.push(now()),
      look: async () => ({ connectedAt: now(), lastActiveAt: now() }),
    },
    connections: {
      post: async () => (pinged.push(now()), 'sent' as const),
      close: async () => {},
    },
    later: createFakeLater(),
    lambda: { invoke: async () => {} },
    log: createRecordingLog(),
    tokenMs: HOUR,
    now,
  };
  const instance = { name: 'sweep-1', skewMs: 0, around: <T>(call: () => Promise<T>) => call() };
  const random = createRandom('1');
  const time = { sleep: async () => {} };
  const adapters = adaptersFor(cloud, { instance, random, time, weather: CALM });
  const { sweep } = await loadHandlers();
  const handler = sweep({ adapters, env: environmentOf({ recoveryMs: 120_000 }) });
  const context = { functionName: 'sweep', getRemainingTimeInMillis: () => 28_000 };
  return { stores, socketIo, closed, pinged, sweep: () => handler(undefined, context) };
}

test('of both protocols together no more are closed in a second than may come back', async () => {
  const { stores, socketIo, closed, pinged, sweep } = await deploy();
  const connectedAt = Date.now() - 2 * HOUR;
  for (let n = 0; n < CONNECTIONS; n += 1) {
    const native = session('anna', { connectionId: connectionId(`anna-${n}`), connectedAt });
    await stores.sessions.watch(native, Date.now() + HOUR);
    const opened = someWebSocket({
      sid: someSid('A'),
      openedAt: connectedAt,
      seenAt: Date.now() - 1_000,
      joined: true,
    });
    await socketIo.sessions.open(opened, Date.now() + HOUR);
  }
  const swept = sweep();
  await vi.advanceTimersByTimeAsync(10_000);
  await swept;
  expect(closed).toHaveLength(CONNECTIONS);
  expect(pinged).toHaveLength(CONNECTIONS);
  const all = [...closed, ...pinged];
  const within = all.map((from) => all.filter((at) => at >= from && at < from + 1_000).length);
  expect(Math.max(...within)).toBeLessThanOrEqual(CLOSING.perSecond);
  // Nobody stands still either.
  expect(Math.max(...all) - Math.min(...all)).toBeLessThan(3_000);
});
