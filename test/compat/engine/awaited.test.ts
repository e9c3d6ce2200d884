/** A session that is closed before API Gateway cuts it: its sockets stay in the index for the client that comes back. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { createHarness, type Dialled, type Harness } from './harness.ts';

const MINUTE = 60_000;
const RECOVERY = { recovery: { windowMs: 120_000 } };

let bridge: Harness;
beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(1_000 * 4 * MINUTE + 20_000);
});
afterEach(() => vi.useRealTimers());

async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    await vi.advanceTimersByTimeAsync(MINUTE);
    await bridge.bridge.sweep(Date.now() + 25_000);
  }
}

const listed = async () =>
  (await bridge.stores.sockets.list({ nsp: '/' }, Date.now(), 'strong')).map(({ sid }) => sid);

/** Somebody whose pong comes when API Gateway would cut the connection before the next. */
async function old(): Promise<Dialled> {
  const client = await bridge.join();
  const session = (await bridge.stores.sessions.get(client.sid))!;
  const openedAt = Date.now() - 118 * MINUTE;
  await bridge.stores.sessions.open({ ...session, openedAt }, Date.now() + 30 * MINUTE);
  const entry = { socketId: session.sockets['/']!.id, sid: client.sid, connectionId: client.connectionId };
  await bridge.stores.sockets.add({ nsp: '/' }, entry, Date.now() + 30 * MINUTE);
  return client;
}

async function pong(client: Dialled): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000);
  await bridge.send(client, '3');
  expect(await bridge.closed(client.sid)).toBe('transport close');
}

describe('with recovery', () => {
  beforeEach(() => {
    bridge = createHarness(RECOVERY);
  });

  test('they stay until the ring is due again, and then go', async () => {
    const client = await old();
    await pong(client);
    expect(bridge.calls).not.toContain('sockets.remove');
    expect(await listed()).toEqual([client.sid]);
    await minutes(2);
    expect(await listed()).toEqual([client.sid]);
    await minutes(3);
    expect(await listed()).toEqual([]);
  });

  test('it takes no turn of those that are to be closed', async () => {
    let turns = 0;
    bridge = createHarness(RECOVERY, { inTurn: async () => void (turns += 1) });
    await pong(await old());
    await minutes(5);
    expect(turns).toBe(0);
  });

  test('those the client came back for stay: they are of another session', async () => {
    const client = await old();
    await pong(client);
    const { id, pid = '' } = (await bridge.stores.sessions.get(client.sid))!.sockets['/']!;
    await bridge.stores.sessions.claim(client.sid, '/', pid);
    const back = await bridge.dial();
    await bridge.stores.sockets.add({ nsp: '/' }, { socketId: id, sid: back.sid }, Date.now() + 30 * MINUTE);
    await minutes(5);
    expect(await listed()).toEqual([back.sid]);
  });

  test('a session that ends in any other way takes its sockets with it', async () => {
    const client = await old();
    await bridge.sessions.end(client.sid, 'transport close');
    expect(await listed()).toEqual([]);
  });
});

test.each([
  ['without recovery', {}],
  [
    'with a heartbeat below a minute',
    { ...RECOVERY, heartbeat: { pingIntervalMs: 30_000, pingTimeoutMs: 20_000 } },
  ],
])('%s nothing stays', async (_which, options) => {
  bridge = createHarness(options);
  const client = await old();
  await pong(client);
  expect(await listed()).toEqual([]);
});
