import { describe, expect, test } from 'vitest';

import { ringsDue, type Round, roundMs, sweepConnections } from '../../../lambdas/app/sweep-connections.ts';
import { createPresenceSweep } from '../../../lambdas/app/sweep-presence.ts';
import { closingTime } from '../../../lambdas/domain/closing-time.ts';
import { shardOf } from '../../../lambdas/domain/shard.ts';
import { SWEEP } from '../../../lambdas/manifest/limits.ts';
import type { PresenceStage } from '../../../lambdas/domain/presence.ts';
import type { Audience } from '../../../lambdas/ports/audience.ts';
import type { EngineId } from '../../../lambdas/ports/socketio.ts';
import { createFakeAudience, type FakeSocket } from '../../support/fakes/fake-audience.ts';
import { failing } from '../../support/fakes/failing.ts';
import { measureRounds } from '../../support/fakes/rounds.ts';
import { connectionId, createWorld, HOUR, NOW, session, userId } from '../../support/fakes/world.ts';

const anna = userId('anna');
const CONNECTION = connectionId('anna');
const MINUTE = 60_000;
const ring = shardOf(CONNECTION, SWEEP.rings);

async function marked(stages: readonly PresenceStage[], since = NOW - HOUR, sockets: FakeSocket[] = []) {
  const world = { ...createWorld(), audience: createFakeAudience(sockets), now: () => NOW };
  await world.sessions.admit({ id: anna, username: 'anna', createdAt: NOW }, 'create', NOW - HOUR);
  for (const stage of stages) {
    const was = await world.presence.get(anna);
    if (was !== undefined) await world.presence.turn(was, { stage, at: since });
  }
  return world;
}

describe('the sweep of connections', () => {
  const round: Round = { ring, now: NOW, nextLookAt: NOW + 4 * MINUTE, inTurn: async () => {} };

  async function connected(connectedAt: number, stages: readonly PresenceStage[] = ['arriving', 'online']) {
    const world = await marked(stages);
    const opened = session('anna', { connectedAt });
    await world.sessions.open(opened, NOW + HOUR);
    await world.sessions.watch(opened, NOW + HOUR);
    return world;
  }
  const watched = async (world: Awaited<ReturnType<typeof connected>>) => {
    const pages: unknown[] = [];
    for await (const page of world.sessions.watched(ring)) pages.push(...page);
    return pages;
  };

  test('ends those that API Gateway does not know', async () => {
    const world = await connected(NOW - HOUR);
    world.gateway.answer(CONNECTION, 'gone');
    await sweepConnections(world, round);
    expect(await world.sessions.ofUser(anna, NOW)).toEqual([]);
    expect(await watched(world)).toEqual([]);
    expect(world.later.tasks).toEqual([
      { task: { kind: 'presence.settle', userId: anna, at: NOW }, seconds: 10 },
    ]);
  });

  test('leaves alone those that live, and those that are being opened', async () => {
    const world = await connected(NOW - HOUR);
    await sweepConnections(world, round);
    const young = await connected(NOW - 14_000);
    young.gateway.answer(CONNECTION, 'gone');
    await sweepConnections(young, round);
    for (const each of [world, young]) {
      expect(await watched(each)).toHaveLength(1);
      expect(each.later.tasks).toEqual([]);
      expect(each.gateway.closed).toEqual([]);
    }
  });

  test('closes those that are near their end before the next look', async () => {
    const openedAt = NOW - (closingTime({ id: CONNECTION, openedAt: 0 }) - 3 * MINUTE);
    const world = await connected(openedAt);
    await sweepConnections(world, round);
    expect(world.gateway.closed).toEqual([CONNECTION]);
    const later = await connected(openedAt + 2 * MINUTE);
    await sweepConnections(later, round);
    expect(later.gateway.closed).toEqual([]);
  });

  test.each<[string, number, PresenceStage[], number]>([
    ['whose coming nobody was told of', 2 * MINUTE, [], 1],
    ['who is marked', 2 * MINUTE, ['arriving', 'online'], 0],
    ['who came long ago', 10 * MINUTE, [], 0],
  ])('has a user looked at %s', async (...[, age, stages, tasks]) => {
    const world = await connected(NOW - age, stages);
    await sweepConnections(world, round);
    expect(world.later.tasks).toHaveLength(tasks);
  });

  test('goes on when one of them fails', async () => {
    const world = await connected(NOW - HOUR);
    world.gateway.answer(CONNECTION, new Error('throttled'));
    await sweepConnections(world, round);
    expect(world.log.at('warn')).toEqual(['a connection was not looked after']);
  });

  test('closes nobody before it is their turn', async () => {
    const world = await connected(NOW - 2 * HOUR);
    let go = () => {};
    const turn = new Promise<void>((resolve) => (go = resolve));
    const sweeping = sweepConnections(world, { ...round, inTurn: () => turn });
    for (let n = 0; n < 20; n += 1) await Promise.resolve();
    expect(world.gateway.closed).toEqual([]);
    go();
    await sweeping;
    expect(world.gateway.closed).toEqual([CONNECTION]);
  });
});

describe('rings are due', () => {
  const all = [0, 1, 2, 3];
  test.each<[number, number, number | undefined, number[]]>([
    [7, 1, undefined, all],
    [7, 1, 7, []],
    [4, 4, 3, [0]],
    [5, 4, 4, [1]],
    [7, 9, 6, [3]],
    [6, 4, 3, [0, 1, 2]],
    [60, 4, 3, all],
    [6, 2, 5, [0, 2]],
    [7, 2, 6, [1, 3]],
    [6, 3, 5, [0, 3]],
    [7, 3, 6, [1]],
  ])('minute %i, every %i minutes, after minute %s: %j', (...[minute, period, last, due]) => {
    expect(ringsDue(minute, period, last)).toEqual(due);
  });

  test('again after the period', () => {
    expect([1, 3, 9].map(roundMs)).toEqual([MINUTE, 3 * MINUTE, 4 * MINUTE]);
  });
});

describe('the sweep of those who are online', () => {
  const here: FakeSocket = { id: 'socket-anna', userId: anna, rooms: [] };
  const turn = { ring: shardOf(anna, SWEEP.rings), now: NOW };

  test.each<[string, PresenceStage[], FakeSocket[], number]>([
    ['rightly', ['arriving', 'online'], [here], 0],
    ['and is not', ['arriving', 'online'], [], 1],
    ['by halves', ['arriving'], [here], 1],
    ['no more, by halves', ['arriving', 'online', 'leaving'], [], 1],
  ])('has a user looked at who is marked %s', async (...[, stages, sockets, tasks]) => {
    const world = await marked(stages, NOW - HOUR, sockets);
    await createPresenceSweep(world)(turn);
    expect(world.later.tasks).toHaveLength(tasks);
  });

  test('asks for one thing only of whom it knows', async () => {
    const world = await marked(['arriving', 'online'], NOW - HOUR, [here]);
    const calls: string[][] = [];
    const ports = { ...world };
    const sweep = createPresenceSweep(ports);
    for (let look = 0; look < 2; look++) {
      const { rounds } = await measureRounds(world, (deps) => {
        Object.assign(ports, deps, { presence: { ...deps.presence, online: world.presence.online } });
        return sweep(turn);
      });
      calls.push(rounds.flat());
    }
    expect(calls).toEqual([
      ['presence.get', 'audience.openSession', 'sessions.ofUser'],
      ['audience.openSession'],
    ]);
  });

  test('knows the session that came after the one it knew', async () => {
    const world = await marked(['arriving', 'online'], NOW - HOUR, [here]);
    const [asked, sids] = [[] as (EngineId | undefined)[], ['A' as EngineId]];
    const openSession = async (...[, , known]: Parameters<Audience['openSession']>) => {
      asked.push(known);
      return known !== undefined && sids.includes(known) ? known : sids[0];
    };
    const sweep = createPresenceSweep({ ...world, audience: { ...world.audience, openSession } });
    await sweep(turn);
    sids.splice(0, 1, 'B' as EngineId);
    for (let look = 0; look < 3; look++) await sweep(turn);
    // Found; no more there, found again; known.
    expect(asked).toEqual([undefined, 'A', undefined, 'B', 'B']);
  });

  test('of a connection asks API Gateway', async () => {
    const world = await marked(['arriving', 'online']);
    await world.sessions.open(session('anna', { connectedAt: NOW - HOUR }), NOW + HOUR);
    const sweep = createPresenceSweep(world);
    for (let look = 0; look < 2; look++) await sweep(turn);
    expect(world.later.tasks).toEqual([]);
    world.gateway.answer(CONNECTION, 'gone');
    await sweep(turn);
    expect(world.later.tasks).toHaveLength(1);
    expect(await world.sessions.ofUser(anna, NOW)).toEqual([]);
  });

  test('strikes out what a crash left of somebody who is not online, unless it is young', async () => {
    const listed = async (world: Awaited<ReturnType<typeof marked>>) => {
      const pages: unknown[] = [];
      for await (const page of world.presence.online(turn.ring)) pages.push(...page);
      return pages.length;
    };
    for (const [since, left] of [
      [NOW - 30_000, 1],
      [NOW - 2 * MINUTE, 0],
    ] as const) {
      const world = await marked([]);
      const was = await world.presence.get(anna);
      if (was !== undefined)
        await world.presence.turn({ ...was, version: 'of another' }, { stage: 'arriving', at: since });
      expect(await listed(world)).toBe(1);
      await createPresenceSweep(world)(turn);
      expect(await listed(world)).toBe(left);
      expect(world.later.tasks).toEqual([]);
    }
  });

  test('goes on when one of them fails', async () => {
    const world = await marked(['arriving', 'online']);
    const down = failing(world, ['presence.get']);
    await createPresenceSweep({
      ...down,
      presence: { ...down.presence, get: down.presence.get, online: world.presence.online },
    })(turn);
    expect(world.log.at('warn')).toEqual(['a user who is online was not looked at']);
  });
});
