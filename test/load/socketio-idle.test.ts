import { afterAll, beforeAll, expect, test } from 'vitest';
import { Wire } from '../conformance/support/wire.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';

const CLIENTS = Number(process.env['CAUSEWAY_IDLE_CLIENTS'] ?? 2_000);
/** Peers whose wire is cut without a word. */
const KILLED = 20;
const MINUTE_MS = 60_000;
const AT_ONCE = 8;

let causeway: Causeway;
beforeAll(async () => {
  causeway = await startCauseway({ configFile: 'test/fixtures/socketio/budgets.config.ts' });
});
afterAll(() => causeway.close());

test('2,000 idle clients stay alive for ten minutes on pings alone; killed peers are reaped; nobody costs one query', async () => {
  const wires = await connect(CLIENTS);
  const started = open();
  expect(started).toHaveLength(CLIENTS);

  await minutes(10);
  expect(open()).toHaveLength(CLIENTS);
  for (const wire of wires) expect(wire.frames.filter((frame) => frame === '2').length).toBeGreaterThan(1);

  const victims = await kill(KILLED);
  await minutes(10);
  const left = new Set((await list()).map(({ connectionId }) => connectionId));
  expect(victims.filter((id) => left.has(id))).toEqual([]);
  expect(left.size).toBe(CLIENTS - KILLED);
  const { connectionId } = (await list())[0]!;
  expect(connectionId).toBeDefined();

  await Promise.all(wires.map((wire) => wire.close().catch(() => {})));
  await minutes(6);
  await causeway.quiet();
  causeway.resetMeter();
  await minutes(1);
  await causeway.quiet();
  const { total } = causeway.meter();
  expect(total).toMatchObject({ lambdaInvocations: 1, managementPosts: 0, readUnits: 0.5, writeUnits: 0 });
  expect(total.calls).toEqual({ 'dynamodb:Query': 1 });

  function open(): Wire[] {
    return wires.filter((wire) => wire.socket.readyState === wire.socket.OPEN);
  }
}, 900_000);

async function connect(count: number): Promise<Wire[]> {
  const wires: Wire[] = [];
  const one = async () => {
    const place = wires.length;
    wires.length++;
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

async function list(): Promise<{ connectionId: string }[]> {
  return (await (await fetch(`${causeway.urls.origin}/_emulator/connections`)).json()) as {
    connectionId: string;
  }[];
}

async function kill(count: number): Promise<string[]> {
  const victims = (await list()).slice(0, count).map(({ connectionId }) => connectionId);
  for (const connectionId of victims) await control('cut', { connectionId, silent: true });
  return victims;
}

async function minutes(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await control('clock', { advanceMs: MINUTE_MS });
    await causeway.quiet();
  }
}

async function control(operation: string, body: unknown): Promise<void> {
  const path = `${causeway.urls.origin}/_emulator/${operation}`;
  const { status } = await fetch(path, { method: 'POST', body: JSON.stringify(body) });
  expect(status).toBe(200);
}
