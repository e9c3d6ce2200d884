import { describe, expect, test } from 'vitest';

import { settlePresence } from '../../../lambdas/app/settle-presence.ts';
import type { PresenceStage } from '../../../lambdas/domain/presence.ts';
import { createFakeAudience } from '../../support/fakes/fake-audience.ts';
import { failing } from '../../support/fakes/failing.ts';
import {
  connectionId,
  createWorld,
  HOUR,
  live,
  NOW,
  session,
  userId,
  withRoom,
  type World,
} from '../../support/fakes/world.ts';

const anna = userId('anna');
const task = { userId: anna, at: NOW - 10_000 };
const MINUTE = 60_000;

interface Scene {
  readonly stage?: PresenceStage;
  /** When that began. Default: long ago. */
  readonly since?: number;
  readonly connectedAt?: number;
  readonly socket?: boolean;
  /** A native connection, opened then. */
  readonly connection?: number;
}

const WAYS: Record<PresenceStage, readonly PresenceStage[]> = {
  offline: [],
  arriving: ['arriving'],
  online: ['arriving', 'online'],
  leaving: ['arriving', 'online', 'leaving'],
};

/** Anna in some state; Ben hears. */
async function scene(given: Scene) {
  const { stage = 'offline', since = NOW - HOUR, connectedAt = NOW - HOUR, socket, connection } = given;
  const audience = createFakeAudience(
    socket === true ? [{ id: 'socket-anna', userId: anna, rooms: [] }] : [],
  );
  const world = { ...createWorld(), audience, now: () => NOW };
  await withRoom(world, ['anna', 'ben']);
  await world.members.add(live('ben'), NOW + HOUR);
  await world.sessions.admit({ id: anna, username: 'anna', createdAt: NOW }, 'create', connectedAt);
  for (const next of WAYS[stage]) {
    const was = await world.presence.get(anna);
    if (was !== undefined) await world.presence.turn(was, { stage: next, at: since, lastSeenAt: since });
  }
  if (connection !== undefined)
    await world.sessions.open(session('anna', { connectedAt: connection }), NOW + HOUR);
  const told = () =>
    world.gateway.posts.map(({ frame }) => /"isOnline":(true|false)/.exec(frame)?.[1] ?? frame);
  return { world, told };
}

async function settle(given: Scene) {
  const { world, told } = await scene(given);
  await settlePresence(world, task);
  const presence = await world.presence.get(anna);
  return {
    told: told(),
    stage: presence?.stage,
    again: world.later.tasks.map(({ seconds }) => seconds),
    presence,
  };
}

describe('presence is settled', () => {
  test.each<[string, Scene, { told: string[]; stage: PresenceStage; again?: number[] }]>([
    ['who came', { socket: true }, { told: ['true'], stage: 'online' }],
    ['who came natively', { connection: NOW - MINUTE }, { told: ['true'], stage: 'online' }],
    ['who is known to be here', { stage: 'online', socket: true }, { told: [], stage: 'online' }],
    ['who left', { stage: 'online' }, { told: ['false'], stage: 'offline' }],
    ['who is known to be away', {}, { told: [], stage: 'offline' }],
    [
      'whose coming is being told',
      { stage: 'arriving', since: NOW - 5_000, socket: true },
      { told: [], stage: 'arriving' },
    ],
    [
      'whose coming was told by halves',
      { stage: 'arriving', socket: true },
      { told: ['true'], stage: 'online' },
    ],
    ['whose leaving is being told', { stage: 'leaving', since: NOW - 5_000 }, { told: [], stage: 'leaving' }],
    ['whose leaving was told by halves', { stage: 'leaving' }, { told: ['false'], stage: 'offline' }],
    [
      'who left while it is being told that they came',
      { stage: 'arriving', since: NOW - 5_000 },
      { told: [], stage: 'arriving', again: [2] },
    ],
    [
      'who came while it is being told that they left',
      { stage: 'leaving', since: NOW - 5_000, socket: true },
      { told: [], stage: 'leaving', again: [2] },
    ],
    [
      'who has connected a moment ago, and is not stored yet',
      { connectedAt: NOW - 1_000 },
      { told: [], stage: 'offline', again: [1] },
    ],
    [
      'who has connected a while ago, and is not stored yet',
      { connectedAt: NOW - 20_000 },
      { told: [], stage: 'offline', again: [10] },
    ],
    [
      'who comes back',
      { stage: 'online', connectedAt: NOW - 3_000 },
      { told: [], stage: 'online', again: [7] },
    ],
    [
      'who left soon after they came: they may come yet',
      { stage: 'online', connectedAt: NOW - 12_000 },
      { told: ['false'], stage: 'offline', again: [18] },
    ],
    [
      'who has connected by a clock that is ahead',
      { connectedAt: NOW + 2_000 },
      { told: [], stage: 'offline', again: [1] },
    ],
  ])('of somebody %s', async (_who, given, expected) => {
    const { told, stage, again } = await settle(given);
    expect({ told, stage, again }).toEqual({ again: [], ...expected });
  });

  test('with when they were last seen: when the session ended', async () => {
    const { presence } = await settle({ stage: 'online' });
    expect(presence?.lastSeenAt).toBe(task.at);
  });

  test('with when they were last seen: not before they connected last', async () => {
    const { presence } = await settle({ stage: 'online', connectedAt: NOW - 10_000 + 500 - 1_000 });
    expect(presence?.lastSeenAt).toBe(NOW - 10_000);
    const { world } = await scene({ stage: 'online', connectedAt: NOW - 15_000 });
    await settlePresence(world, { ...task, at: NOW - 40_000 });
    expect((await world.presence.get(anna))?.lastSeenAt).toBe(NOW - 15_000);
  });

  test('with the same instant when it was told by halves', async () => {
    const { presence } = await settle({ stage: 'leaving', since: NOW - 5 * MINUTE });
    expect(presence?.lastSeenAt).toBe(NOW - 5 * MINUTE);
  });

  test('of somebody who never connected, by what the store says', async () => {
    const { world, told } = await scene({ socket: true });
    const presence: World['presence'] = {
      ...world.presence,
      async get(id) {
        const found = await world.presence.get(id);
        if (found === undefined) return undefined;
        const { lastConnectAt: _, ...rest } = found;
        return rest;
      },
    };
    await settlePresence({ ...world, presence }, task);
    expect(told()).toEqual(['true']);
  });

  test('for nobody who does not exist', async () => {
    const { world } = await scene({});
    await settlePresence(world, { ...task, userId: userId('nobody') });
    expect(world.later.tasks).toEqual([]);
  });

  test('not by two at once: who is second finds it done', async () => {
    const { world, told } = await scene({ socket: true });
    await Promise.all([settlePresence(world, task), settlePresence(world, task)]);
    expect(told()).toEqual(['true']);
  });

  test('again when somebody connected after it was read', async () => {
    const { world, told } = await scene({ stage: 'online' });
    const presence: World['presence'] = {
      ...world.presence,
      async turn(was, next) {
        await world.sessions.admit({ id: anna, username: 'anna', createdAt: NOW }, 'must-exist', NOW);
        return world.presence.turn(was, next);
      },
    };
    await settlePresence({ ...world, presence }, task);
    expect(told()).toEqual([]);
    expect(world.later.tasks).toEqual([
      { task: { kind: 'presence.settle', userId: anna, at: NOW }, seconds: 10 },
    ]);
  });

  test('later, when others are always first', async () => {
    const { world, told } = await scene({ socket: true });
    await settlePresence({ ...world, presence: { ...world.presence, turn: async () => 'changed' } }, task);
    expect(told()).toEqual([]);
    expect(world.later.tasks).toEqual([{ task: { kind: 'presence.settle', ...task }, seconds: 1 }]);
  });

  test('by the queue again when it fails half-way, without anybody knowing anything wrong', async () => {
    const { world } = await scene({ socket: true });
    await expect(settlePresence(failing(world, ['rooms.roomsOf']), task)).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect((await world.presence.get(anna))?.stage).toBe('arriving');
    expect(await world.users.get(anna)).toMatchObject({ isOnline: true });
  });

  test('by the truth, not by rows: a connection API Gateway does not know is removed', async () => {
    const { world, told } = await scene({ stage: 'online', connection: NOW - MINUTE });
    world.gateway.answer(connectionId('anna'), 'gone');
    await settlePresence(world, task);
    expect(told()).toEqual(['false']);
    expect(await world.sessions.ofUser(anna, NOW)).toEqual([]);
  });

  test('as here for a connection whose handshake may not be over', async () => {
    const { world, told } = await scene({ connection: NOW - 14_000 });
    world.gateway.answer(connectionId('anna'), 'gone');
    await settlePresence(world, task);
    expect(told()).toEqual(['true']);
  });
});
