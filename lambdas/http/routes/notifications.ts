import { listNotifications } from '../../app/list-notifications.ts';
import { notify } from '../../app/notify.ts';
import { readNotification } from '../../app/read-notification.ts';
import { notificationJson, toIso } from '../../wire/json/views.ts';
import { bearerOperation } from '../operation.ts';
import {
  notification,
  notificationBody,
  notificationExample,
  notificationPage,
  notificationParams,
  notificationQuery,
  readReceipt,
} from '../schemas/notifications.ts';

export const listNotificationsOperation = bearerOperation({
  method: 'get',
  path: '/notifications',
  operationId: 'listNotifications',
  summary: "The caller's notifications, newest first",
  tag: 'notifications',
  query: notificationQuery,
  success: {
    status: 200,
    description: 'A page; pass nextCursor as before for the next one.',
    schema: notificationPage,
    example: { notifications: [notificationExample] },
  },
  errors: [],
  handle: async (deps, { identity: { userId }, query: { unread: unreadOnly, ...page } }) => {
    const { notifications, nextCursor } = await listNotifications(deps, { userId, unreadOnly, ...page });
    return {
      notifications: notifications.map(notificationJson),
      ...(nextCursor === undefined ? {} : { nextCursor }),
    };
  },
});

export const readNotificationOperation = bearerOperation({
  method: 'post',
  path: '/notifications/{notificationId}/read',
  operationId: 'readNotification',
  summary: 'Mark a notification as read; the first instant stays',
  tag: 'notifications',
  params: notificationParams,
  success: {
    status: 200,
    description: 'When it was read.',
    schema: readReceipt,
    example: { id: notificationExample.id, readAt: '2026-01-02T03:05:00.000Z' },
  },
  errors: ['not_found'],
  handle: async (deps, { identity: { userId }, params: { notificationId: id }, arrival }) => {
    const { readAt } = await readNotification(deps, { userId, id, at: arrival.at });
    return { id, readAt: toIso(readAt) };
  },
});

export const notifyOperation = bearerOperation({
  method: 'post',
  path: '/notifications',
  operationId: 'notify',
  summary: 'Notify a user; for the roles admin and service',
  tag: 'notifications',
  body: notificationBody,
  bodyExample: { userId: '68f1c2a40b5e9d3a7c11f001', payload: { title: 'Your order has shipped' } },
  success: {
    status: 201,
    description: 'The notification as stored.',
    schema: notification,
    example: notificationExample,
  },
  errors: ['forbidden'],
  handle: async (deps, { identity: { role }, body, arrival }) => {
    const caller = role === undefined ? {} : { role };
    return notificationJson(await notify(deps, { ...body, caller, arrival }));
  },
});
