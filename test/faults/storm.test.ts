import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

import { startCauseway, type Causeway } from '../support/causeway.ts';
import type { Person } from '../support/rest-client.ts';
import { enterStage, historyOf, type Real } from './emulator/storm.ts';
import { judge, type Truth } from './model.ts';
import { planOf, type Plan, type Step } from './plan.ts';

/** `CAUSEWAY_STORM_SEEDS=a,b` plays others. */
const SEEDS = process.env['CAUSEWAY_STORM_SEEDS']?.split(',') ?? ['storm-1'];
/** Real time between two steps at most. What a plan waits beyond it the clock is moved by. */
const PAUSE_MS = 120;
const CONFIG = 'test/fixtures/faults/storm.config.ts';
const SWEEP_MS = 60_000;
const PATIENCE_MS = 30_000;

let causeway: Causeway | undefined;
let people: Real[] = [];
let data: string | undefined;

afterEach(async () => {
  for (const person of people) person.close();
  people = [];
  await causeway?.close();
  if (data !== undefined) await rm(data, { recursive: true, force: true });
});

const sums = {
  seeds: 0,
  messages: 0,
  acknowledged: 0,
  deliveries: 0,
  cuts: 0,
  recoveries: 0,
  lost: 0,
  doubled: 0,
};

describe.each(SEEDS)('the plan of seed %s on the emulator, in a storm', (seed) => {
  test('loses nothing that was acknowledged and brings nothing twice', async () => {
    const plan = planOf(seed);
    data = await mkdtemp(join(tmpdir(), 'causeway-storm-'));
    causeway = await startCauseway({ configFile: CONFIG, dataDir: data, chaosSeed: seed, storm: true });
    const { truth } = await play(plan, causeway);
    const verdict = judge(people, await truth());
    const told = verdict.violations.filter(
      ({ kind }) => kind === 'lost' || kind === 'doubled' || kind === 'vanished',
    );
    sums.seeds += 1;
    sums.messages += people.reduce((sum, { sent }) => sum + sent.length, 0);
    sums.acknowledged += verdict.acknowledged;
    sums.deliveries += verdict.deliveries;
    sums.cuts += people.reduce((sum, { cuts }) => sum + cuts, 0);
    sums.recoveries += people.reduce((sum, { recoveries }) => sum + recoveries, 0);
    sums.lost += told.filter(({ kind }) => kind !== 'doubled').length;
    sums.doubled += told.filter(({ kind }) => kind === 'doubled').length;
    console.log(JSON.stringify(sums));

    expect(told).toEqual([]);
  }, 120_000);
});

async function play(plan: Plan, running: Causeway) {
  const accounts = new Map<string, Person>();
  for (const user of plan.users)
    accounts.set(user, await patiently(() => running.register(`${user}-${plan.seed}`)));
  const all = [...accounts.values()];
  const roomIds = new Map<string, string>();
  for (const room of plan.rooms)
    roomIds.set(room, await patiently(() => running.createRoom(all[0]!, all.slice(1))));
  const talking = plan.cast.filter(({ speaks }) => speaks !== 'fama' && speaks !== 'notifications');
  people = talking.map((cast) =>
    enterStage(cast, { causeway: running, person: accounts.get(cast.user)!, roomIds }),
  );
  await until(() => people.every(({ isReady }) => isReady));
  await walk(plan, running);
  await calm(running);
  return { truth: () => truthOf(running, all[0]!, roomIds) };
}

/** Steps of one client follow one another; the plan's pauses are short, or the clock moves. */
async function walk(plan: Plan, running: Causeway): Promise<void> {
  const numbers = new Map<string, number>();
  const turns = new Map<string, Promise<void>>();
  let before = 0;
  for (const step of plan.steps) {
    const pause = step.at - before;
    before = step.at;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, PAUSE_MS)));
    if (pause > 20_000) await running.advance(Math.min(pause, 3 * SWEEP_MS));
    perform(step, running, (client, room) => {
      const actor = people.find(({ name }) => name === client);
      if (actor === undefined) return;
      const number = numbers.get(`${client} ${room}`) ?? 0;
      numbers.set(`${client} ${room}`, number + 1);
      const turn = (turns.get(client) ?? Promise.resolve()).then(() =>
        actor.send(room, `${client} ${number}`),
      );
      turns.set(client, turn);
    });
  }
  await Promise.all(turns.values());
}

function perform(step: Step, running: Causeway, send: (client: string, room: string) => void): void {
  switch (step.do) {
    case 'send':
      return send(step.client, step.room);
    case 'drop':
    case 'offline':
      return people.find(({ name }) => name === step.client)?.drop();
    case 'cut all':
      void control(running, 'cut', { all: true });
      return;
    default:
      // What is left is the storm's.
      return;
  }
}

/** Every retry has come, and everybody is back. */
async function calm(running: Causeway): Promise<void> {
  for (let n = 0; n < 5; n++) {
    await until(() => people.every(({ isReady }) => isReady));
    await running.advance(SWEEP_MS);
    await running.quiet();
  }
  await until(() => people.every(({ isReady }) => isReady));
  // Nothing that is still on its way to a client takes longer.
  await new Promise((resolve) => setTimeout(resolve, 500));
}

async function truthOf(
  running: Causeway,
  person: Person,
  roomIds: ReadonlyMap<string, string>,
): Promise<Truth> {
  const rooms = await Promise.all(
    [...roomIds.values()].map(async (roomId) =>
      (await historyOf(running.urls.origin, person.token, roomId)).map(({ id, content, createdAt }) => ({
        id,
        roomId,
        content,
        createdAt: Date.parse(createdAt),
      })),
    ),
  );
  return { messages: rooms.flat(), notifications: [], receipts: new Map(), online: new Set() };
}

async function control({ urls }: Causeway, operation: string, body: object): Promise<void> {
  await fetch(`${urls.origin}/_emulator/${operation}`, { method: 'POST', body: JSON.stringify(body) });
}

async function until(isDone: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!isDone()) {
    if (Date.now() > end) {
      const missing = people
        .filter(({ isReady }) => !isReady)
        .map(({ name, isConnected }) => `${name} ${isConnected ? 'connected' : 'away'}`);
      throw new Error(`never back: ${missing.join(', ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (let n = 0; ; n++) {
    try {
      return await act();
    } catch (error) {
      if (n === 5) throw error;
    }
  }
}
