import { describe, expect, test } from 'vitest';

import { closeSession, endSession } from '../../lambdas/app/close-session.ts';
import { openSession } from '../../lambdas/app/open-session.ts';
import { EXPIRY, SWEEP } from '../../lambdas/manifest/limits.ts';
import { failing } from '../support/fakes/failing.ts';
import {
  actor,
  createWorld,
  identity,
  liveIn,
  live,
  NOW,
  OTHER_ROOM,
  ROOM,
  session,
  userId,
  withLiveRoom,
  type World,
} from '../support/fakes/world.ts';

const ANNA = { userId: userId('anna'), connectionId: actor('anna').connectionId };
const external = identity('anna', { builtIn: false, role: 'company' });
const opening = (who = external) => {
  const { sessionId, connectionId, dialect } = session('anna');
  return { identity: who, sessionId, connectionId, dialect, at: NOW };
};

describe('opening a session', () => {
  test('stores it until no connection can live any longer', async () => {
    const world = createWorld();
    const opened = await openSession(world, opening());
    expect(opened).toEqual({ ...session('anna'), connectedAt: NOW });
    expect(await world.sessions.get(ANNA)).toEqual(opened);
    const end = NOW + EXPIRY.sessionSeconds * 1000;
    expect(await world.sessions.ofUser(ANNA.userId, end - 1)).toHaveLength(1);
    expect(await world.sessions.ofUser(ANNA.userId, end)).toEqual([]);
  });

  test('creates the profile of an external user', async () => {
    const world = createWorld();
    await openSession(world, opening());
    expect(await world.users.get(ANNA.userId)).toEqual({
      id: ANNA.userId,
      username: 'anna',
      role: 'company',
      createdAt: NOW,
    });
  });

  test('refuses a user of the built-in issuer who does not exist, and leaves nothing behind', async () => {
    const world = createWorld();
    await expect(openSession(world, opening(identity('anna')))).rejects.toMatchObject({
      code: 'user_not_found',
    });
    expect(await world.sessions.ofUser(ANNA.userId, NOW)).toEqual([]);
    expect(await world.users.get(ANNA.userId)).toBeUndefined();
  });

  test.each([
    ['sessions.open', 'before'],
    ['sessions.open', 'after'],
    ['sessions.admit', 'before'],
    ['sessions.admit', 'after'],
    ['sessions.watch', 'before'],
    ['sessions.watch', 'after'],
  ] as const)('that fails at %s (%s it took effect) leaves no session', async (name, when) => {
    const world = createWorld();
    await expect(openSession(failing(world, [name], when), opening())).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(await world.sessions.ofUser(ANNA.userId, NOW)).toEqual([]);
    expect(await watchedIn(world)).toEqual([]);
  });

  test('has somebody tell the others, once it is stored', async () => {
    const world = createWorld();
    await openSession(world, opening());
    expect(world.later.tasks).toEqual([
      { task: { kind: 'presence.settle', userId: ANNA.userId, at: NOW }, seconds: 0 },
    ]);
    expect(await watchedIn(world)).toEqual([{ ...ANNA, connectedAt: NOW }]);
  });

  test('succeeds though nobody can be had to tell the others', async () => {
    const world = createWorld();
    await openSession(failing(world, ['later.schedule']), opening());
    expect(await world.sessions.get(ANNA)).toBeDefined();
    expect(world.log.at('warn')).toEqual(['nobody was told that somebody is online']);
  });
});

async function watchedIn(world: World) {
  const watched: unknown[] = [];
  for (let ring = 0; ring < SWEEP.rings; ring++)
    for await (const page of world.sessions.watched(ring)) watched.push(...page);
  return watched;
}

describe('closing a session', () => {
  async function joinedTwice(): Promise<World> {
    const world = createWorld();
    await withLiveRoom(world, ['anna', 'ben']);
    await withLiveRoom(world, ['anna'], OTHER_ROOM);
    return world;
  }

  test('removes the connection from all its rooms and from nobody else’s', async () => {
    const world = await joinedTwice();
    await closeSession(world, ANNA);
    expect(await liveIn(world)).toEqual([actor('ben').connectionId]);
    expect(await liveIn(world, OTHER_ROOM)).toEqual([]);
    expect(await world.sessions.get(ANNA)).toBeUndefined();
  });

  test('a second time does nothing', async () => {
    const world = await joinedTwice();
    await closeSession(world, ANNA);
    await world.members.add(live('anna'), NOW + 1000);
    await closeSession(world, ANNA);
    expect(await liveIn(world)).toHaveLength(2);
  });

  test('by its end has somebody look at the user ten seconds later, and the sweep forget it', async () => {
    const world = await joinedTwice();
    await world.sessions.watch(session('anna'), NOW + 1000);
    await endSession(world, ANNA, NOW);
    expect(world.later.tasks).toEqual([
      { task: { kind: 'presence.settle', userId: ANNA.userId, at: NOW }, seconds: 10 },
    ]);
    expect(await watchedIn(world)).toEqual([]);
    expect(await liveIn(world)).toEqual([actor('ben').connectionId]);
  });

  test('a row that cannot be removed does not keep the others', async () => {
    const world = await joinedTwice();
    const { remove } = world.members;
    const members: World['members'] = {
      ...world.members,
      remove: (id, room) =>
        room.roomId === ROOM ? Promise.reject(new Error('throttled')) : remove(id, room),
    };
    await closeSession({ ...world, members }, ANNA);
    expect(await liveIn(world, OTHER_ROOM)).toEqual([]);
    expect(world.log.lines).toMatchObject([{ level: 'warn', fields: { left: 1 } }]);
  });
});
