import { describe, expect, test } from 'vitest';
import type { Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import type { NotificationId, UserId } from '../../lambdas/domain/ids.ts';
import { notificationId as idOf } from '../../lambdas/domain/message-id.ts';
import { NOW, notificationId, race, someNotification, someRoom, someUserId } from './data.ts';

export function notificationStoreContract(stores: () => Stores): void {
  describe('NotificationStore', () => {
    test('comes back as it was stored; a second time it exists', async () => {
      const notification = someNotification({ payload: { n: 1e300, list: [1, null], text: '' } });
      expect(await stores().notifications.add(notification)).toBe('stored');
      expect(await stores().notifications.add({ ...notification, payload: {} })).toBe('exists');
      const page = await stores().notifications.list(notification.userId, { limit: 5, unreadOnly: false });
      expect(page).toStrictEqual({ notifications: [notification] });
    });

    test('can be noted to have been told, and to have been told late', async () => {
      const notification = someNotification();
      const { userId, id } = notification;
      expect(await stores().notifications.get(userId, id)).toBeUndefined();
      await stores().notifications.add(notification);
      expect(await stores().notifications.get(userId, id)).toStrictEqual({ notification, told: false });
      await stores().notifications.told(userId, id);
      await stores().notifications.late(userId, id, NOW + 900);
      const expected = { notification: { ...notification, toldUntil: NOW + 900 }, told: true };
      expect(await stores().notifications.get(userId, id)).toStrictEqual(expected);
      await stores().notifications.markRead(userId, id, NOW);
      expect(await stores().notifications.get(userId, id)).toMatchObject({ told: true });
    });

    test('that is not there is not noted', async () => {
      const { userId, id } = someNotification();
      await stores().notifications.late(userId, id, NOW);
      await stores().notifications.told(userId, id);
      expect(await stores().notifications.get(userId, id)).toBeUndefined();
    });

    test('newest first, page after page', async () => {
      const userId = await userWith(stores, 25);
      const pages = await allPages(stores, userId);
      expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
      expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, n) => notificationId(24 - n)));
    });

    test('a page that ends with the oldest has no cursor', async () => {
      const userId = await userWith(stores, 10);
      const page = await stores().notifications.list(userId, { limit: 10, unreadOnly: false });
      expect(page.nextCursor).toBeUndefined();
      expect(page.notifications).toHaveLength(10);
    });

    test('since an instant: oldest first, read ones included, nothing else of the user', async () => {
      const userId = someUserId();
      const id = (n: number) => idOf({ at: NOW + n, requestId: 'r' }, userId);
      await race(5, (n) =>
        stores().notifications.add(someNotification({ userId, id: id(n), createdAt: NOW + n })),
      );
      await stores().notifications.markRead(userId, id(2), NOW + 9);
      await stores().rooms.create(someRoom(), [userId]);
      const page = await stores().notifications.since(userId, { from: NOW + 1, limit: 3 });
      expect(page).toMatchObject({
        complete: false,
        found: [{ id: id(1) }, { id: id(2), readAt: NOW + 9 }, { id: id(3) }],
      });
      const rest = await stores().notifications.since(userId, { from: NOW + 4, limit: 3 });
      expect(rest).toMatchObject({ complete: true, found: [{ id: id(4) }] });
      expect(await stores().notifications.since(someUserId(), { from: NOW, limit: 3 })).toEqual({
        found: [],
        complete: true,
      });
    });

    test('a user without any', async () => {
      const page = await stores().notifications.list(someUserId(), { limit: 10, unreadOnly: true });
      expect(page).toEqual({ notifications: [] });
    });

    test('unread ones are found behind more than 100 read ones', async () => {
      const userId = await userWith(stores, 130);
      await race(128, (n) => stores().notifications.markRead(userId, notificationId(n + 2), NOW));
      const page = await stores().notifications.list(userId, { limit: 2, unreadOnly: true });
      expect(page).toMatchObject({ notifications: [{ id: notificationId(1) }, { id: notificationId(0) }] });
      expect(page.nextCursor).toBeUndefined();
    });

    test('the first reading stays', async () => {
      const { id, userId } = someNotification();
      await stores().notifications.add(someNotification({ id, userId }));
      expect(await stores().notifications.markRead(userId, id, NOW + 1)).toEqual({ readAt: NOW + 1 });
      expect(await stores().notifications.markRead(userId, id, NOW + 2)).toEqual({ readAt: NOW + 1 });
      const page = await stores().notifications.list(userId, { limit: 1, unreadOnly: false });
      expect(page.notifications[0]?.readAt).toBe(NOW + 1);
    });

    test('one that does not exist, or is somebody else’s, cannot be read and is not created', async () => {
      const notification = someNotification();
      await stores().notifications.add(notification);
      const stranger = someUserId();
      expect(await stores().notifications.markRead(stranger, notification.id, NOW)).toBeUndefined();
      expect(
        (await stores().notifications.list(stranger, { limit: 1, unreadOnly: false })).notifications,
      ).toEqual([]);
    });
  });
}

export function throttleStoreContract(stores: () => Stores): void {
  describe('ThrottleStore', () => {
    test('counts within a window and starts anew in the next', async () => {
      const key = `login ${someUserId()}`;
      const window = { seconds: 900, at: Math.floor(NOW / 900_000) * 900_000 };
      expect(await stores().throttle.hit(key, window)).toBe(1);
      expect(await stores().throttle.hit(key, { ...window, at: window.at + 899_999 })).toBe(2);
      expect(await stores().throttle.hit(key, { ...window, at: window.at + 900_000 })).toBe(1);
      expect(await stores().throttle.hit(`other ${key}`, window)).toBe(1);
    });

    test('50 racing attempts get 50 different numbers', async () => {
      const key = `login ${someUserId()}`;
      const counts = await race(50, () => stores().throttle.hit(key, { seconds: 60, at: NOW }));
      expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    });
  });
}

async function userWith(stores: () => Stores, count: number): Promise<UserId> {
  const userId = someUserId();
  await race(count, (n) => stores().notifications.add(someNotification({ userId, id: notificationId(n) })));
  return userId;
}

async function allPages(stores: () => Stores, userId: UserId): Promise<readonly NotificationId[][]> {
  const pages: NotificationId[][] = [];
  let before: NotificationId | undefined;
  do {
    const from = before === undefined ? {} : { before };
    const page = await stores().notifications.list(userId, { limit: 10, unreadOnly: false, ...from });
    pages.push(page.notifications.map(({ id }) => id));
    before = page.nextCursor;
  } while (before !== undefined);
  return pages;
}
