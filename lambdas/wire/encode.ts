import type { ErrorInfo } from '../domain/errors.ts';
import type { DomainEvent, Reply } from '../domain/events.ts';
import type { Dialect } from '../ports/dialect.ts';
import { disclose } from './json/disclosure.ts';
import { offsetAt, offsetOf } from '../domain/offset.ts';
import { encodeHistory } from './history-frame.ts';
import { messageJson, notificationJson, toIso } from './json/views.ts';
import { encodeResumed } from './resumed-frame.ts';

type Fields = { readonly [field: string]: unknown };
type FieldsOf = { readonly [K in Reply['kind']]: (reply: Extract<Reply, { kind: K }>) => Fields };

/** No event may have a field named `id`: at the top of a frame that is the request's. */
const FIELDS: Omit<FieldsOf, 'history' | 'resumed'> = {
  'message.created': ({ message }) => ({ message: messageJson(message) }),
  'message.read': ({ roomId, userId, messageId, readAt }) => ({
    roomId,
    userId,
    messageId,
    readAt: toIso(readAt),
  }),
  'typing.changed': ({ roomId, userId, username, isTyping }) => ({ roomId, userId, username, isTyping }),
  'room.joined': ({ roomId, userId, at }) => ({
    roomId,
    userId,
    ...(at === undefined ? {} : { offset: offsetAt(at) }),
  }),
  'room.left': ({ roomId, userId }) => ({ roomId, userId }),
  'presence.changed': ({ userId, username, isOnline, at }) => ({
    userId,
    username,
    isOnline,
    ...(isOnline ? {} : { lastSeen: toIso(at) }),
  }),
  'notification.created': ({ notification }) => ({ notification: notificationJson(notification) }),
  'notification.read': ({ id, readAt }) => ({ notificationId: id, readAt: toIso(readAt) }),
  pong: ({ at }) => ({ at: toIso(at) }),
};

/** Pushed events: the same shapes as answers, without `id`. The native dialect has a word for every event. */
export const nativeDialect: Dialect = {
  encode: (event: DomainEvent) => encodeReply(event),
};

/** The answer to a request: the event it caused, or the data asked for (PROTOCOL.md section 4). */
export function encodeReply(reply: Reply, id?: string): string {
  if (reply.kind === 'history') return encodeHistory(reply, id);
  if (reply.kind === 'resumed') return encodeResumed(reply, encodeReply, id);
  // The table's type ties each kind to its own function; TypeScript cannot follow that through an index.
  const fieldsOf = FIELDS[reply.kind] as (reply: Reply) => Fields;
  const offset = reply.kind === 'pong' ? undefined : offsetOf(reply);
  return frame(reply.kind, { ...fieldsOf(reply), ...(offset === undefined ? {} : { offset }) }, id);
}

export function encodeError(error: ErrorInfo, id?: string): string {
  return frame('error', { ...disclose(error) }, id);
}

function frame(event: string, fields: Fields, id: string | undefined): string {
  return JSON.stringify({ event, ...(id === undefined ? {} : { id }), ...fields });
}
