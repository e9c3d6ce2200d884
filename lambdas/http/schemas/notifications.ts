import * as v from 'valibot';

import type { JsonObject } from '../../domain/entities.ts';
import type { NotificationId } from '../../domain/ids.ts';
import { SORTED_ID } from '../../domain/ids.ts';
import { CHAT, REST } from '../../manifest/limits.ts';
import { REQUIRED, jsonObjectField } from '../../wire/json/fields.ts';
import { instant, list, queryBoolean, queryInteger, userIdField } from './fields.ts';

const notificationIdField = v.pipe(
  v.string('must be a string'),
  v.regex(SORTED_ID, 'must be a notification id'),
  v.transform((id) => id as NotificationId),
);

export const notificationParams = v.object({ notificationId: notificationIdField }, REQUIRED);

export const notificationQuery = v.object({
  unread: queryBoolean,
  limit: queryInteger({ minimum: 1, maximum: REST.notificationPage, fallback: REST.notificationPageDefault }),
  before: v.exactOptional(notificationIdField),
});

export const notificationBody = v.object(
  { userId: userIdField, payload: jsonObjectField(CHAT.notificationPayloadBytes) },
  REQUIRED,
);

export const notification = v.object({
  id: v.string(),
  payload: v.pipe(
    v.custom<JsonObject>(() => true),
    v.metadata({ type: 'object' }),
  ),
  createdAt: instant,
  readAt: v.exactOptional(instant),
});

/** Newest first. */
export const notificationPage = v.object({
  notifications: list(notification),
  nextCursor: v.exactOptional(v.string()),
});

export const readReceipt = v.object({ id: v.string(), readAt: instant });

export const notificationExample = {
  id: '01KDYB3ZXE4QJ6M8T2V5W7R9AC',
  payload: { title: 'Your order has shipped' },
  createdAt: '2026-01-02T03:04:05.006Z',
};
