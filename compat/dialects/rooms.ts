/** docs/contracts/rooms.md: rooms that are joined by hand, on the namespace /chat. */
import * as v from 'valibot';

import { REQUIRED, roomIdField } from '../../lambdas/wire/json/fields.ts';
import { toIso } from '../../lambdas/wire/json/views.ts';
import type { ClientEventsOf, ServerEventsOf } from './define-dialect.ts';
import { NOTHING, defineDialect } from './define-dialect.ts';
import { content, instant, problem } from './fields.ts';
import { sayError } from './say-error.ts';

export const rooms = defineDialect({
  id: 'rooms',
  document: 'docs/contracts/rooms.md',
  title: 'WebSocket API (Real-time Chat)',
  autoJoins: { rooms: false, lobby: false },

  receives: {
    join_room: {
      about: 'Join a chat room (user must be a participant).',
      payload: v.object({ roomId: roomIdField }, REQUIRED),
      means: ({ roomId }) => ({ kind: 'room.join', roomId }),
    },
    send_message: {
      about: 'Send a message to the room (persisted and broadcast).',
      payload: v.object({ roomId: roomIdField, content }, REQUIRED),
      means: ({ roomId, content }) => ({ kind: 'message.send', roomId, content, messageType: 'text' }),
    },
    typing: {
      about: 'Notify the room that the user is typing.',
      payload: v.object({ roomId: roomIdField }, REQUIRED),
      means: ({ roomId }) => ({ kind: 'typing.set', roomId, isTyping: true }),
    },
  },

  sends: {
    message: {
      about: 'New message (REST or WebSocket), to everyone in the room, its sender included.',
      payload: v.object({
        id: v.string(),
        roomId: v.string(),
        sender: v.object({
          _id: v.string(),
          email: v.exactOptional(v.string()),
          displayName: v.exactOptional(v.string()),
        }),
        content: v.string(),
        createdAt: instant,
      }),
    },
    user_typing: {
      about: 'Another user in the room is typing.',
      payload: v.object({ userId: v.string(), roomId: v.string() }),
    },
    error: { about: 'What was asked for was refused.', payload: problem },
  },

  reserved: {
    file_uploaded: 'When file upload is implemented.',
    file_unlocked: 'When file unlock/payment is implemented.',
  },

  says: {
    'message.created': ({ message: { id, roomId, sender, content, createdAt } }) => [
      'message',
      {
        id,
        roomId,
        sender: {
          _id: sender.id,
          ...(sender.email === undefined ? {} : { email: sender.email }),
          ...(sender.displayName === undefined ? {} : { displayName: sender.displayName }),
        },
        content,
        createdAt: toIso(createdAt),
      },
    ],
    // The document has no word for somebody who stopped.
    'typing.changed': ({ userId, roomId, isTyping }) =>
      isTyping ? ['user_typing', { userId, roomId }] : undefined,
    'error.raised': sayError,

    // The document has neither receipts nor presence, and answers a join with the room's events alone.
    'message.read': NOTHING,
    'presence.changed': NOTHING,
    'room.joined': NOTHING,
    'room.left': NOTHING,
    // fama's word.
    'session.connected': NOTHING,
    // Words of the notifications vocabulary.
    'notification.created': NOTHING,
    'notification.read': NOTHING,
  },
});

export type ServerToClientEvents = ServerEventsOf<typeof rooms>;
export type ClientToServerEvents = ClientEventsOf<typeof rooms>;
