import { describe, expect, test } from 'vitest';

import { listNotifications } from '../../lambdas/app/list-notifications.ts';
import { notify } from '../../lambdas/app/notify.ts';
import { readNotification } from '../../lambdas/app/read-notification.ts';
import type { NotificationId } from '../../lambdas/domain/ids.ts';
import { notificationId } from '../../lambdas/domain/message-id.ts';
import { failing, UNAVAILABLE } from '../support/fakes/failing.ts';
import { createFakeAudience } from '../support/fakes/fake-audience.ts';
import { createFakePostman } from '../support/fakes/fake-mail.ts';
import { measureRounds } from '../support/fakes/rounds.ts';
import {
  actor,
  arrival,
  createWorld,
  HOUR,
  NOW,
  session,
  userId,
  type World,
} from '../support/fakes/world.ts';

const ben = userId('ben');
const notifying = (over: object = {}) => ({
  caller: { role: 'admin' },
  userId: ben,
  payload: { n: 1 },
  arrival: arrival(),
  ...over,
});

async function connectedTwice(): Promise<World> {
  const world = createWorld();
  for (const name of ['ben', 'ben/2', 'anna']) await world.sessions.open(session(name), NOW + HOUR);
  return world;
}
const listed = (world: World, over: object = {}) =>
  listNotifications(world, { userId: ben, limit: 10, unreadOnly: false, ...over });

describe('notifying', () => {
  test.each(['admin', 'service'])(
    'by the role %s stores it and pushes it to all connections of the user',
    async (role) => {
      const world = await connectedTwice();
      const arrived = arrival();
      const notification = await notify(world, notifying({ caller: { role }, arrival: arrived }));
      expect(notification).toStrictEqual({
        id: notificationId(arrived, ben),
        userId: ben,
        payload: { n: 1 },
        createdAt: NOW,
      });
      expect((await listed(world)).notifications).toEqual([notification]);
      expect(world.gateway.reached()).toEqual(['conn-ben/2=', 'conn-ben=']);
      expect(JSON.parse(world.gateway.posts[0]?.frame ?? '')).toEqual({
        kind: 'notification.created',
        notification,
      });
    },
  );

  test('reaches the store when the user is away', async () => {
    const world = createWorld();
    await notify(world, notifying());
    expect((await listed(world)).notifications).toHaveLength(1);
  });

  test('the same request handled twice is stored and pushed once', async () => {
    const world = await connectedTwice();
    const arrived = arrival();
    const first = await notify(world, notifying({ arrival: arrived }));
    expect(await notify(world, notifying({ arrival: arrived }))).toEqual(first);
    expect(world.gateway.posts).toHaveLength(2);
    expect((await listed(world)).notifications).toHaveLength(1);
  });

  test('that comes twice has somebody look whether it was told; that nobody will is an error', async () => {
    const postman = createFakePostman(100);
    const world = { ...(await connectedTwice()), postman };
    const arrived = arrival({ handledAt: NOW + 900 });
    const { id } = await notify(world, notifying({ arrival: arrived }));
    expect(postman.repeats).toEqual([]);
    await notify(world, notifying({ arrival: arrived }));
    expect(postman.repeats).toEqual([{ kind: 'notification', userId: ben, id, at: NOW + 900 }]);
    await notify(world, notifying({ arrival: { ...arrived, handledAt: undefined as never } }));
    expect(postman.repeats[1]?.at).toBe(NOW);
    postman.refuse = UNAVAILABLE;
    await expect(notify(world, notifying({ arrival: arrived }))).rejects.toBe(UNAVAILABLE);
  });

  test('is noted to have been told where sockets were, which must not be told twice', async () => {
    const toldOf = async (world: World) => {
      const { id } = await notify(world, notifying());
      return (await world.notifications.get(ben, id))?.told;
    };
    expect(await toldOf(await connectedTwice())).toBe(false);
    const audience = createFakeAudience([{ id: 's', userId: ben, rooms: [] }]);
    expect(await toldOf(createWorld({ audience }))).toBe(true);
    const broken = failing(createWorld({ audience }), ['notifications.told']);
    expect(await toldOf(broken)).toBe(false);
    expect(broken.log.at('warn')).toEqual(['that a notification has been told was not noted']);
  });

  test.each([{ role: 'company' }, {}])('by %j is forbidden', async (caller) => {
    const world = await connectedTwice();
    await expect(notify(world, notifying({ caller }))).rejects.toMatchObject({ code: 'forbidden' });
    expect((await listed(world)).notifications).toEqual([]);
    expect(world.gateway.posts).toEqual([]);
  });

  test('a payload that is no small object is refused', async () => {
    await expect(notify(createWorld(), notifying({ payload: [1] }))).rejects.toMatchObject({
      code: 'invalid_field',
      field: 'payload',
    });
  });
});

describe('listing notifications', () => {
  test('pages, newest first, all or the unread', async () => {
    const world = createWorld();
    const ids: NotificationId[] = [];
    for (const at of [NOW, NOW + 1, NOW + 2])
      ids.push((await notify(world, notifying({ arrival: arrival({ at }) }))).id);
    await world.notifications.markRead(ben, ids[2] as NotificationId, NOW);

    const first = await listed(world, { limit: 2 });
    expect(first.notifications.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const second = await listed(world, { limit: 2, before: first.nextCursor });
    expect(second.notifications.map(({ id }) => id)).toEqual([ids[0]]);
    expect((await listed(world, { unreadOnly: true })).notifications.map(({ id }) => id)).toEqual([
      ids[1],
      ids[0],
    ]);
  });

  test.each([0, 101, 1.5])('%s at a time are refused', async (limit) => {
    await expect(listed(createWorld(), { limit })).rejects.toMatchObject({
      code: 'invalid_field',
      field: 'limit',
    });
  });

  test('a cursor of somebody else is refused', async () => {
    const before = notificationId(arrival(), userId('anna'));
    await expect(listed(createWorld(), { before })).rejects.toMatchObject({
      code: 'invalid_field',
      field: 'before',
    });
  });
});

describe('reading a notification', () => {
  const reading = (id: NotificationId, over: object = {}) => ({ userId: ben, id, at: NOW + 5, ...over });

  test('is told to the user’s other connections', async () => {
    const world = await connectedTwice();
    const { id } = await notify(world, notifying());
    world.gateway.posts.length = 0;
    const event = await readNotification(world, reading(id, { connectionId: actor('ben').connectionId }));
    expect(event).toEqual({ kind: 'notification.read', userId: ben, id, readAt: NOW + 5 });
    expect(world.gateway.reached()).toEqual(['conn-ben/2=']);
  });

  test('again keeps the first instant and is told to nobody', async () => {
    const world = await connectedTwice();
    const { id } = await notify(world, notifying());
    await readNotification(world, reading(id));
    expect(world.gateway.reached()).toHaveLength(4);
    expect(await readNotification(world, reading(id, { at: NOW + 9 }))).toMatchObject({ readAt: NOW + 5 });
    expect(world.gateway.reached()).toHaveLength(4);
  });

  test('that is missing or somebody else’s is not found', async () => {
    const world = await connectedTwice();
    const { id } = await notify(world, notifying({ userId: userId('anna') }));
    for (const wrong of [id, notificationId(arrival(), ben)]) {
      await expect(readNotification(world, reading(wrong))).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  test('of somebody else is refused by its id alone, without a call', async () => {
    const foreign = notificationId(arrival(), userId('anna'));
    const { rounds, result } = await measureRounds(createWorld(), (deps) =>
      readNotification(deps, reading(foreign)),
    );
    expect(rounds).toEqual([]);
    expect(result).toMatchObject({ reason: { code: 'not_found' } });
  });
});
