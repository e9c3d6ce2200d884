/** docs/contracts/chats.md: chats with receipts, typing and presence. */
import * as v from 'valibot';

import { REQUIRED, messageIdField, messageTypeField, roomIdField } from '../../lambdas/wire/json/fields.ts';
import { toIso } from '../../lambdas/wire/json/views.ts';
import type { ClientEventsOf, ServerEventsOf } from './define-dialect.ts';
import { NOTHING, defineDialect } from './define-dialect.ts';
import { content, instant, problem } from './fields.ts';
import { sayError } from './say-error.ts';

export const chats = defineDialect({
  id: 'chats',
  document: 'docs/contracts/chats.md',
  title: 'WebSocket Implementation',
  autoJoins: { rooms: true, lobby: false },

  receives: {
    'chat:join': {
      about: 'Join a chat room',
      payload: v.object({ chatId: roomIdField }, REQUIRED),
      means: ({ chatId }) => ({ kind: 'room.join', roomId: chatId }),
    },
    'chat:leave': {
      about: 'Leave a chat room',
      payload: v.object({ chatId: roomIdField }, REQUIRED),
      means: ({ chatId }) => ({ kind: 'room.leave', roomId: chatId }),
    },
    'message:send': {
      about: 'Send a new message',
      payload: v.object(
        {
          chatId: roomIdField,
          content,
          messageType: v.optional(messageTypeField, 'text'),
        },
        REQUIRED,
      ),
      means: ({ chatId, ...message }) => ({ kind: 'message.send', roomId: chatId, ...message }),
    },
    'message:read': {
      about: 'Mark message as read',
      payload: v.object({ messageId: messageIdField, chatId: roomIdField }, REQUIRED),
      means: ({ messageId, chatId }) => ({ kind: 'message.read', roomId: chatId, messageId }),
    },
    'typing:start': {
      about: 'User started typing',
      payload: v.object({ chatId: roomIdField }, REQUIRED),
      means: ({ chatId }) => ({ kind: 'typing.set', roomId: chatId, isTyping: true }),
    },
    'typing:stop': {
      about: 'User stopped typing',
      payload: v.object({ chatId: roomIdField }, REQUIRED),
      means: ({ chatId }) => ({ kind: 'typing.set', roomId: chatId, isTyping: false }),
    },
  },

  sends: {
    'chat:joined': { about: 'Successfully joined a chat', payload: v.object({ chatId: v.string() }) },
    'chat:left': { about: 'Successfully left a chat', payload: v.object({ chatId: v.string() }) },
    'message:new': {
      about: 'New message received; its sender gets it, too',
      payload: v.object({
        id: v.string(),
        chat_id: v.string(),
        sender_id: v.string(),
        content: v.string(),
        message_type: messageTypeField,
        created_at: instant,
        sender: v.object({
          id: v.string(),
          username: v.string(),
          displayName: v.exactOptional(v.string()),
          email: v.exactOptional(v.string()),
        }),
      }),
    },
    'message:read': {
      about: 'Message read receipt',
      payload: v.object({ messageId: v.string(), chatId: v.string(), userId: v.string() }),
    },
    'typing:start': {
      about: 'Someone started typing',
      payload: v.object({ chatId: v.string(), userId: v.string(), username: v.string() }),
    },
    'typing:stop': {
      about: 'Someone stopped typing, fell silent for ten seconds or went away',
      payload: v.object({ chatId: v.string(), userId: v.string() }),
    },
    'user:status': {
      about: 'User online/offline status changed',
      payload: v.object({ userId: v.string(), status: v.picklist(['online', 'offline']) }),
    },
    error: { about: 'Error occurred', payload: problem },
  },

  says: {
    'room.joined': ({ roomId }) => ['chat:joined', { chatId: roomId }],
    'room.left': ({ roomId }) => ['chat:left', { chatId: roomId }],
    'message.created': ({ message: { id, roomId, sender, content, messageType, createdAt } }) => [
      'message:new',
      {
        id,
        chat_id: roomId,
        sender_id: sender.id,
        content,
        message_type: messageType,
        created_at: toIso(createdAt),
        sender: { ...sender },
      },
    ],
    'message.read': ({ messageId, roomId, userId }) => [
      'message:read',
      { messageId, chatId: roomId, userId },
    ],
    'typing.changed': ({ roomId, userId, username, isTyping }) =>
      isTyping
        ? ['typing:start', { chatId: roomId, userId, username }]
        : ['typing:stop', { chatId: roomId, userId }],
    'presence.changed': ({ userId, isOnline }) => [
      'user:status',
      { userId, status: isOnline ? 'online' : 'offline' },
    ],
    'error.raised': sayError,

    // fama's word.
    'session.connected': NOTHING,
    // Words of the notifications vocabulary.
    'notification.created': NOTHING,
    'notification.read': NOTHING,
  },
});

export type ServerToClientEvents = ServerEventsOf<typeof chats>;
export type ClientToServerEvents = ClientEventsOf<typeof chats>;
