import type { JsonObject, Millis, Notification } from '../../domain/entities.ts';
import type { NotificationId, UserId } from '../../domain/ids.ts';
import { CHAT } from '../../manifest/limits.ts';
import { idFloor } from '../../domain/message-id.ts';
import type { NotificationStore, Since, SinceQuery } from '../../ports/stores.ts';
import { idIn, key, partition, SORT, type Key } from './keys.ts';
import { getRow, queryFirst, queryOnce } from './read.ts';
import type { Table } from './table.ts';
import { putOnce, updateRow } from './write.ts';

/** USER#u / NOTE#n. The payload is JSON text for the same reason as a message's context. */
interface NotificationRow extends Key {
  readonly payload: string;
  readonly createdAt: Millis;
  /** toldAt */
  readonly t?: Millis;
  /** toldUntil */
  readonly l?: Millis;
  /** All sockets have been told. */
  readonly d?: true;
  readonly readAt?: Millis;
}

export function createNotificationStore(table: Table): NotificationStore {
  return {
    // AP-39
    add: ({ id, userId, payload, createdAt, toldAt, readAt }) =>
      putOnce(table, {
        ...key.notification(userId, id),
        payload: JSON.stringify(payload),
        createdAt,
        t: toldAt,
        readAt,
      }),
    get: (userId, id) => get(table, userId, id),
    late: (userId, id, until) => note(table, key.notification(userId, id), { l: until }),
    told: (userId, id) => note(table, key.notification(userId, id), { d: true }),
    list: (userId, page) => list(table, userId, page),
    since: (userId, query) => since(table, userId, query),
    markRead: (userId, id, at) => markRead(table, { userId, id, at }),
  };
}

/** AP-89. */
async function get(table: Table, userId: UserId, id: NotificationId): ReturnType<NotificationStore['get']> {
  const row = await getRow<NotificationRow>(table, key.notification(userId, id), 'strong');
  return row && { notification: notificationOf(row), told: row.d === true };
}

/** AP-88. */
async function note(table: Table, row: Key, noted: Pick<NotificationRow, 'l' | 'd'>): Promise<void> {
  const [[name, value] = []] = Object.entries(noted);
  await updateRow(table, row, {
    UpdateExpression: `SET ${name} = :value`,
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':value': value },
  });
}

/**
 * AP-40. BETWEEN includes its ends, so the row named by `before` is dropped here. Among many read ones, unread ones
 * are looked for page by page: a filter acts after `Limit` (AWS "Filter expressions for the Query operation").
 */
async function list(
  table: Table,
  userId: UserId,
  page: Parameters<NotificationStore['list']>[1],
): ReturnType<NotificationStore['list']> {
  const upper = SORT.notification + (page.before ?? '~');
  const query = {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': partition.user(userId), ':from': SORT.notification, ':to': upper },
    ...(page.unreadOnly ? { FilterExpression: 'attribute_not_exists(readAt)' } : {}),
    ScanIndexForward: false,
    ConsistentRead: true,
    Limit: page.unreadOnly ? CHAT.historyPage : page.limit + 2,
  };
  const wanted = { limit: page.limit + 1, accept: (row: NotificationRow) => row.sk !== upper };
  const rows = await queryFirst<NotificationRow>(table, query, wanted);
  const notifications = rows.slice(0, page.limit).map((row) => notificationOf(row));
  const last = notifications.at(-1);
  return rows.length > page.limit && last !== undefined
    ? { notifications, nextCursor: last.id }
    : { notifications };
}

/** AP-86. */
async function since(
  table: Table,
  userId: UserId,
  { from, limit }: SinceQuery,
): Promise<Since<Notification>> {
  const query = {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':pk': partition.user(userId),
      ':from': SORT.notification + idFloor(from),
      ':to': `${SORT.notification}~`,
    },
    ConsistentRead: true,
  };
  const { rows, complete } = await queryOnce(table, query, limit);
  return { found: (rows as NotificationRow[]).map(notificationOf), complete };
}

/** AP-41: the first instant stays. */
async function markRead(
  table: Table,
  read: { readonly userId: UserId; readonly id: NotificationId; readonly at: Millis },
): Promise<{ readonly readAt: Millis } | undefined> {
  const outcome = await updateRow<{ readAt: Millis }>(table, key.notification(read.userId, read.id), {
    UpdateExpression: 'SET readAt = if_not_exists(readAt, :at)',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':at': read.at },
    ReturnValues: 'ALL_NEW',
  });
  return outcome === 'refused' ? undefined : { readAt: outcome.readAt ?? read.at };
}

function notificationOf(row: NotificationRow): Notification {
  return {
    id: idIn(row.sk) as NotificationId,
    userId: idIn(row.pk) as UserId,
    payload: JSON.parse(row.payload) as JsonObject,
    createdAt: row.createdAt,
    ...(row.t === undefined ? {} : { toldAt: row.t }),
    ...(row.l === undefined ? {} : { toldUntil: row.l }),
    ...(row.readAt === undefined ? {} : { readAt: row.readAt }),
  };
}
