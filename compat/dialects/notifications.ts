/** docs/contracts/notifications.md: what back ends tell a user, on every one of their sockets. */
import * as v from 'valibot';

import { REQUIRED } from '../../lambdas/wire/json/fields.ts';
import { toIso } from '../../lambdas/wire/json/views.ts';
import type { ClientEventsOf, ServerEventsOf } from './define-dialect.ts';
import { NOTHING, defineDialect } from './define-dialect.ts';
import { instant, notificationId, problem } from './fields.ts';
import { sayError } from './say-error.ts';

export const notifications = defineDialect({
  id: 'notifications',
  document: 'docs/contracts/notifications.md',
  title: 'Module Socket - Notifications en Temps Réel',
  autoJoins: { rooms: false, lobby: false },

  receives: {
    'notification.read': {
      about: 'Mark a notification as read.',
      payload: v.object({ id: notificationId }, REQUIRED),
      means: ({ id }) => ({ kind: 'notification.read', id }),
    },
  },

  sends: {
    'notification.new': {
      about:
        'The payload as the back end gave it, with the id and time it was stored under where it has none.',
      payload: v.pipe(
        v.looseObject({ id: v.unknown(), createdAt: v.unknown() }),
        v.metadata({ additionalProperties: true }),
      ),
    },
    'notification.read': {
      about: 'The user read a notification, on this socket or another.',
      payload: v.object({ id: v.string(), readAt: instant }),
    },
    error: { about: 'What was asked for was refused.', payload: problem },
  },

  says: {
    // The document promises the payload itself, so its own fields come before ours.
    'notification.created': ({ notification: { id, payload, createdAt } }) => [
      'notification.new',
      { id, createdAt: toIso(createdAt), ...payload },
    ],
    'notification.read': ({ id, readAt }) => ['notification.read', { id, readAt: toIso(readAt) }],
    'error.raised': sayError,

    // Nothing of rooms and messages: a back end that wants a user told of them notifies.
    'message.created': NOTHING,
    'message.read': NOTHING,
    'typing.changed': NOTHING,
    'presence.changed': NOTHING,
    'room.joined': NOTHING,
    'room.left': NOTHING,
    // fama's word.
    'session.connected': NOTHING,
  },
});

export type ServerToClientEvents = ServerEventsOf<typeof notifications>;
export type ClientToServerEvents = ClientEventsOf<typeof notifications>;
