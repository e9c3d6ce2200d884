import { afterAll, beforeAll, expect, test } from 'vitest';
import { SOCKETIO } from '../../lambdas/manifest/limits.ts';
import { Wire } from '../conformance/support/wire.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';

/** Bare WebSockets that speak the protocol: as many stock clients would cost more memory and show nothing else. */
const CLIENTS = Number(process.env['CAUSEWAY_IDLE_CLIENTS'] ?? 2_000);
/** Peers whose wire is cut without a word. */
const KILLED = 20;
const MINUTE_MS = 60_000;
/**
 * Far below the ping timeout: what 2,000 clients answer to one sweep takes seconds of real time, in which a move of the
 * clock by a minute would have them all late.
 */
const STEP_MS = 10_000;
const AT_ONCE = 8;
/** A sweep serves one of them, once a minute. */
const RINGS = SOCKETIO.pingIntervalMs.default / MINUTE_MS;

let causeway: Causeway;
beforeAll(async () => {
  causeway = await startCauseway({ configFile: 'test/fixtures/socketio/budgets.config.ts' });
});
afterAll(() => causeway.close());

test('2,000 idle clients stay alive for twenty minutes on pings alone; killed peers are reaped; nobody costs three queries', async () => {
  const wires = await connect(CLIENTS);
  await connect(KILLED);
  const all = await connections();
  expect(all).toHaveLength(CLIENTS + KILLED);
  for (const { connectionId } of all.slice(-KILLED)) await control('cut', { connectionId, silent: true });

  // API Gateway itself would notice after ten minutes of silence only, and takes the ping for a frame.
  await minutes(RINGS + 2);
  expect(await connections()).toHaveLength(CLIENTS);
  await minutes(20 - RINGS - 2);
  expect(wires.filter(({ socket }) => socket.readyState === socket.OPEN)).toHaveLength(CLIENTS);
  expect(await connections()).toHaveLength(CLIENTS);
  for (const { frames } of wires) expect(frames.filter((frame) => frame === '2').length).toBeGreaterThan(1);

  await Promise.all(wires.map((wire) => wire.close()));
  // What is left of the sessions is kept for clients that come back, and then removed when their ring is served.
  await minutes(2 * RINGS);
  causeway.resetMeter();
  await minutes(RINGS);
  const { total } = causeway.meter();
  const sweeps = total.lambdaInvocations;
  expect(sweeps).toBeGreaterThanOrEqual(RINGS);
  // One for the ring, and one each for native connections and for those who are online.
  expect(total.calls).toEqual({ 'dynamodb:Query': 3 * sweeps });
  expect(total).toMatchObject({ managementPosts: 0, readUnits: 1.5 * sweeps, writeUnits: 0 });
}, 600_000);

async function connect(count: number): Promise<Wire[]> {
  const wires: Wire[] = [];
  const one = async () => {
    const place = wires.length++;
    const wire = await Wire.session(causeway.urls.origin, {}, { keep: true });
    wires[place] = wire;
    wire.send('40/rooms,');
    expect(await wire.next()).toMatch(/^40\/rooms,/);
  };
  const lane = async () => {
    while (wires.length < count) await one();
  };
  await one(); // cold starts
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return wires;
}

/** Open as far as API Gateway knows, the newest last. */
async function connections(): Promise<readonly { readonly connectionId: string }[]> {
  const answer = await fetch(`${causeway.urls.origin}/_emulator/connections`);
  return (await answer.json()) as readonly { readonly connectionId: string }[];
}

async function minutes(count: number): Promise<void> {
  for (let ms = 0; ms < count * MINUTE_MS; ms += STEP_MS) {
    await control('clock', { advanceMs: STEP_MS });
    await causeway.quiet();
  }
}

async function control(operation: string, body: unknown): Promise<void> {
  const path = `${causeway.urls.origin}/_emulator/${operation}`;
  const { status } = await fetch(path, { method: 'POST', body: JSON.stringify(body) });
  expect(status).toBe(200);
}
