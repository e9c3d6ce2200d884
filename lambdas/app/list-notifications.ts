import type { NotificationId, UserId } from '../domain/ids.ts';
import { belongsTo } from '../domain/message-id.ts';
import { REST } from '../manifest/limits.ts';
import type { NotificationStore } from '../ports/stores.ts';
import type { Deps } from './deps.ts';
import { invalidField } from './refusals.ts';

export interface ListNotificationsInput {
  readonly userId: UserId;
  /** 1 to REST.notificationPage. */
  readonly limit: number;
  /** Only notifications older than this one: the `nextCursor` of the page before. */
  readonly before?: NotificationId;
  readonly unreadOnly: boolean;
}

/** A user's notifications, newest first. Rejects with `invalid_field`. */
export async function listNotifications(
  deps: Pick<Deps, 'notifications'>,
  { userId, limit, before, unreadOnly }: ListNotificationsInput,
): ReturnType<NotificationStore['list']> {
  if (!Number.isInteger(limit) || limit < 1 || limit > REST.notificationPage) {
    throw invalidField('limit', `must be a whole number from 1 to ${REST.notificationPage}`);
  }
  if (before === undefined) return deps.notifications.list(userId, { limit, unreadOnly });
  if (!belongsTo(before, userId)) throw invalidField('before', 'must be the id of a notification of yours');
  return deps.notifications.list(userId, { limit, unreadOnly, before });
}
