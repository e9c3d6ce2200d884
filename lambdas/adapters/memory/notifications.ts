import type { NotificationStore } from '../../ports/stores.ts';
import { newestFirst, oldestFirst } from './page.ts';
import { partition, type State } from './state.ts';

export function createNotificationStore({ notifications, toldNotifications }: State): NotificationStore {
  return {
    async add(notification) {
      const notes = partition(notifications, notification.userId);
      if (notes.has(notification.id)) return 'exists';
      notes.set(notification.id, notification);
      return 'stored';
    },
    async get(userId, id) {
      const notification = notifications.get(userId)?.get(id);
      return notification && { notification, told: toldNotifications.has(id) };
    },
    async late(userId, id, toldUntil) {
      const notification = notifications.get(userId)?.get(id);
      if (notification !== undefined)
        partition(notifications, userId).set(id, { ...notification, toldUntil });
    },
    async told(_userId, id) {
      toldNotifications.add(id);
    },
    async list(userId, page) {
      const notes = [...(notifications.get(userId)?.values() ?? [])];
      const wanted = page.unreadOnly ? notes.filter(({ readAt }) => readAt === undefined) : notes;
      const { rows, cursor } = newestFirst(wanted, page);
      return { notifications: rows, ...cursor };
    },
    async since(userId, query) {
      return oldestFirst(notifications.get(userId)?.values() ?? [], query);
    },
    async markRead(userId, id, at) {
      const notification = notifications.get(userId)?.get(id);
      if (notification === undefined) return undefined;
      const readAt = notification.readAt ?? at;
      partition(notifications, userId).set(id, { ...notification, readAt });
      return { readAt };
    },
  };
}
