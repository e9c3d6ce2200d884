import { describe, expect, test } from 'vitest';

import { SWEEP } from '../../../lambdas/manifest/limits.ts';
import { ANNA, CALM, createPresenceWorld, type PresenceWorld, type Weather } from './world.ts';

const SEEDS = Number(process.env['PRESENCE_SEEDS'] ?? 150);
export const STORM: Weather = { crash: 0.15, fail: 0.05, slow: 0.05, latency: 50, twice: 0.2, silent: 0.3 };
const TURBULENCE: Weather = { crash: 0, fail: 0, slow: 0, latency: 250, twice: 0.3, silent: 0 };

/** Tabs that open and close, at once and one after another, for two minutes. */
export async function live(world: PresenceWorld): Promise<void> {
  const { random, time } = world;
  const until = time.now() + 200_000;
  const isOver = () => time.now() >= until;
  const tab = async (): Promise<void> => {
    await time.sleep(random.below(90_000));
    for (let visit = 0; visit <= random.below(4) && !isOver(); visit++) {
      const stay = [random.below(100), random.below(12_000), random.below(60_000)][random.below(3)] ?? 0;
      if (random.chance(0.5)) {
        const connection = await world.connect();
        await time.sleep(stay);
        if (connection !== undefined && !isOver() && !random.chance(0.1)) await world.disconnect(connection);
      } else {
        const sid = await world.enter();
        await time.sleep(stay);
        if (sid !== undefined && !isOver() && !random.chance(0.1)) await world.exit(sid);
      }
      // A reload, or a while.
      await time.sleep(random.chance(0.5) ? random.below(3_000) : random.below(25_000));
    }
  };
  for (let tabs = 1 + random.below(5); tabs > 0; tabs--) void tab();
  // Several close in the same instant.
  const together = async () => {
    const opened = await Promise.all([world.connect(), world.enter(), world.connect()]);
    await time.sleep(random.below(40_000));
    const [one, socket, other] = opened;
    if (one !== undefined) void world.disconnect(one);
    if (socket !== undefined) void world.exit(socket);
    if (other !== undefined) void world.disconnect(other);
  };
  void together();
  const sweeps = async () => {
    for (let minute = 0; minute < 3; minute++) {
      await time.sleep(60_000);
      void world.sweep();
    }
  };
  void sweeps();
  await time.runUntil(until);
}

export async function marked({ stores }: PresenceWorld) {
  const presence = await stores.presence.get(ANNA);
  const listed: string[] = [];
  for (let ring = 0; ring < SWEEP.rings; ring++)
    for await (const page of stores.presence.online(ring)) listed.push(...page.map(({ userId }) => userId));
  return { stage: presence?.stage, listed };
}

async function sweepAndWait(world: PresenceWorld): Promise<void> {
  void world.sweep();
  await world.time.runUntil(world.time.now() + 60_000);
}

const seeds = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('presence', () => {
  test(
    'is true after two sweeps, whatever crashed, failed, came late, twice or never',
    { timeout: 120_000 },
    async () => {
      for (const seed of seeds(SEEDS)) {
        const world = await createPresenceWorld(seed, STORM);
        await live(world);
        world.calmDown();
        await sweepAndWait(world);
        await sweepAndWait(world);
        const truth = world.isOnline();
        expect(world.mistakes).toEqual([]);
        const { stage } = await marked(world);
        expect({ seed, stage }).toEqual({ seed, stage: truth ? 'online' : 'offline' });
        const user = await world.stores.users.get(ANNA);
        expect({ seed, isOnline: user?.isOnline === true }).toEqual({ seed, isOnline: truth });
        // Whoever came last heard the truth; whoever never heard anything was told nothing false.
        expect({ seed, heard: world.heard.at(-1) ?? false }).toEqual({ seed, heard: truth });
        // What is left over of those who are not online goes, the entries of others stay.
        for (let more = 0; more < 2; more++) await sweepAndWait(world);
        expect({ seed, ...(await marked(world)) }).toEqual({ seed, stage, listed: truth ? [ANNA] : [] });
      }
    },
  );

  test('needs no sweep and says nothing twice while nothing is lost', { timeout: 120_000 }, async () => {
    for (const seed of seeds(SEEDS)) {
      const world = await createPresenceWorld(seed, TURBULENCE);
      await live({ ...world, sweep: async () => {} });
      world.calmDown();
      await world.time.runUntil(world.time.now() + 45_000);
      const truth = world.isOnline();
      const expected = world.heard.map((_, index) => index % 2 === 0);
      expect({ seed, heard: world.heard }).toEqual({ seed, heard: expected });
      const { stage } = await marked(world);
      expect({ seed, stage }).toEqual({ seed, stage: truth ? 'online' : 'offline' });
      expect({ seed, heard: world.heard.at(-1) ?? false }).toEqual({ seed, heard: truth });
    }
  });

  test('of several tabs that close in the same instant is told once', async () => {
    const world = await createPresenceWorld(1, CALM);
    const tabs = [world.connect(), world.connect(), world.enter(), world.enter()];
    await world.time.runUntil(world.time.now() + 5_000);
    expect(world.heard).toEqual([true]);
    const [one, two, three, four] = await Promise.all(tabs);
    void world.disconnect(one as never);
    void world.disconnect(two as never);
    void world.exit(three as never);
    void world.exit(four as never);
    await world.time.runUntil(world.time.now() + 9_000);
    expect(world.heard).toEqual([true]);
    await world.time.runUntil(world.time.now() + 4_000);
    expect(world.heard).toEqual([true, false]);
  });

  test('of a page that is loaded anew nobody hears', async () => {
    const world = await createPresenceWorld(1, CALM);
    for (let reload = 0; reload < 5; reload++) {
      const tab = world.enter();
      await world.time.runUntil(world.time.now() + 20_000);
      void world.exit((await tab) as never);
      await world.time.runUntil(world.time.now() + 8_000);
    }
    expect(world.heard).toEqual([true]);
    await world.time.runUntil(world.time.now() + 10_000);
    expect(world.heard).toEqual([true, false]);
  });
});
