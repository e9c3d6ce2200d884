/** @import { Dialect } from '../types.ts' */

/** @type {Dialect} */
export const chats = {
  id: 'chats',
  title: 'chats',
  about:
    'Says who wrote, who types, who has read and who is there. The page itself listens in it, on the main namespace.',
  namespace: '/',
  typingLastsMs: 12_000,
  join: (chatId) => ['chat:join', { chatId }],
  send: (chatId, content) => ['message:send', { chatId, content, messageType: 'text' }],
  typing: (chatId, isTyping) => [isTyping ? 'typing:start' : 'typing:stop', { chatId }],
  read: (chatId, messageId) => ['message:read', { messageId, chatId }],
  hears: {
    'message:new': ({ id, chat_id, sender, content, created_at }) => ({
      kind: 'message',
      id,
      roomId: chat_id,
      sender,
      content,
      createdAt: created_at,
    }),
    'message:read': ({ messageId, chatId, userId }) => ({ kind: 'read', roomId: chatId, userId, messageId }),
    'typing:start': ({ chatId, userId, username }) => ({
      kind: 'typing',
      roomId: chatId,
      userId,
      username,
      isTyping: true,
    }),
    'typing:stop': ({ chatId, userId }) => ({ kind: 'typing', roomId: chatId, userId, isTyping: false }),
    'user:status': ({ userId, status }) => ({ kind: 'presence', userId, isOnline: status === 'online' }),
  },
};
