import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Counts } from '../../emulator/types.ts';
import { SOCKETIO } from '../../lambdas/manifest/limits.ts';
import budgets from '../budgets-socketio.json' with { type: 'json' };
import { Actor } from '../differential/actor.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { COUNTED, expectWithin, sum, type Spent } from '../support/spent.ts';

const ROOM_SIZE = 10;
const MINUTE_MS = 60_000;
/** The sweep serves one ring of sessions a minute. */
const RINGS = SOCKETIO.pingIntervalMs.default / MINUTE_MS;

let causeway: Causeway;
let members: Actor[];
let everybody: Actor[] = [];

beforeAll(async () => {
  causeway = await startCauseway({ configFile: 'test/fixtures/socketio/budgets.config.ts' });
  // Warm: every function that will be measured has seen one of each.
  const polling = await upgraded();
  await polling.ask('join', 'warm');
  await polling.ask('in', ['warm'], 'warm');
  members = [];
  for (let n = 0; n < ROOM_SIZE; n++) {
    const member = await connected();
    await member.ask('join', 'room');
    members.push(member);
  }
  await members[0]!.ask('in', ['room'], 'warm');
  for (const gone of [polling, await connected()]) await leave(gone);
});
afterAll(() => causeway.close());

const STEPS: Record<string, () => Promise<Spent>> = {
  'connect, websocket only': () => spent(connected),
  'connect, polling then upgrade': () =>
    spent(async () => {
      await upgraded();
      // The client is done when it sends `5`, its second frame after the probe; a frame behind it might overtake it.
      while (seen('$default') < 2) await new Promise((resolve) => setImmediate(resolve));
    }),
  async 'join with ack'() {
    const client = await connected();
    return spent(() => client.ask('join', 'another'));
  },
  'broadcast with ack, room of 10': () => spent(() => members[0]!.ask('in', ['room'], 'measured')),
  async pong() {
    return perEvent(await heartbeat(), '$default');
  },
  async 'sweep that pings 13 sessions'() {
    while (everybody.length < 13) await connected();
    while (everybody.length > 13) await leave(everybody.at(-1)!);
    // All rings once around: the sum of all sweeps is one ping to each, and a query of each ring.
    const report = await heartbeat();
    const sweeps = only(report, 'rate(1 minute)');
    expect(sweeps.managementPosts).toBe(13);
    return { ...perEvent(report, 'rate(1 minute)'), managementPosts: sweeps.managementPosts };
  },
  async 'sweep without sessions'() {
    while (everybody.length > 0) await leave(everybody.at(-1)!);
    await minutes(RINGS); // whoever left is checked once more
    await causeway.quiet();
    causeway.resetMeter();
    await minutes(1);
    await causeway.quiet();
    return sum(Object.values(causeway.meter().events));
  },
  async 'disconnect, 3 rooms'() {
    const client = await connected();
    await client.ask('join', ['a', 'b', 'c']);
    return spent(() => leave(client));
  },
};

describe.sequential('budgets of the bridge (test/budgets-socketio.json), counted by the meter', () => {
  test.each(budgets.rows)('$event', async (row) => {
    await expectWithin(causeway, row, STEPS[row.event]!);
  });
});

/** What a step and all it sets off take. */
async function spent(step: () => Promise<unknown>): Promise<Spent> {
  await causeway.quiet();
  causeway.resetMeter();
  await step();
  await causeway.quiet();
  return sum(Object.values(causeway.meter().events));
}

type Report = ReturnType<Causeway['meter']>;

function only(report: Report, label: string): Counts {
  const found = Object.entries(report.events).find(([name]) => name.endsWith(` ${label}`));
  if (!found) throw new Error(`no ${label} among ${Object.keys(report.events).join(', ')}`);
  return found[1];
}

/** The average of the events with a label, which are alike. */
function perEvent(report: Report, label: string): Spent {
  const counts = only(report, label);
  const total = sum([counts]);
  for (const column of COUNTED) if (column !== 'serialAwsCalls') total[column] /= counts.count;
  return total;
}

/** Every session is pinged once, and answers. */
async function heartbeat(): Promise<Report> {
  await causeway.quiet();
  causeway.resetMeter();
  await minutes(RINGS);
  await causeway.quiet();
  return causeway.meter();
}

async function minutes(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await fetch(`${causeway.urls.origin}/_emulator/clock`, {
      method: 'POST',
      body: JSON.stringify({ advanceMs: MINUTE_MS }),
    });
  }
}

async function connected(): Promise<Actor> {
  const actor = Actor.open(causeway.urls.origin, 'client', { nsp: '/rooms', transports: ['websocket'] });
  everybody.push(actor);
  await actor.sees('connect');
  return actor;
}

async function upgraded(): Promise<Actor> {
  const actor = Actor.open(causeway.urls.origin, 'client', { nsp: '/rooms' });
  everybody.push(actor);
  await actor.sees('connect');
  const { engine } = actor.socket.io;
  if (engine.transport.name === 'polling') await once(engine as never, 'upgrade');
  return actor;
}

/** Its connection is closed, as that of a closed tab. */
async function leave(actor: Actor): Promise<void> {
  everybody = everybody.filter((other) => other !== actor);
  const before = seen('$disconnect');
  actor.socket.io.engine.close();
  while (seen('$disconnect') === before) await new Promise((resolve) => setImmediate(resolve));
  await causeway.quiet();
}

/** Events of a route since the meter was reset. */
function seen(route: string): number {
  const found = Object.entries(causeway.meter().events).find(([name]) => name.endsWith(` ${route}`));
  return found?.[1].count ?? 0;
}
