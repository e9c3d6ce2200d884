/** @import { Dialect } from '../types.ts' */

/** @type {Dialect} */
export const native = {
  id: 'native',
  title: 'native',
  about:
    'Plain JSON frames on a WebSocket, without Socket.IO: PROTOCOL.md. Every request is answered by the event it caused.',
  namespace: undefined,
  typingLastsMs: 12_000,
  join: (roomId) => ['join', { roomId }],
  send: (roomId, content) => ['send', { roomId, content }],
  typing: (roomId, isTyping) => ['typing', { roomId, isTyping }],
  read: (roomId, messageId) => ['read', { roomId, messageId }],
  hears: {
    'message.created': ({ message }) => ({ kind: 'message', ...message }),
    'message.read': ({ roomId, userId, messageId }) => ({ kind: 'read', roomId, userId, messageId }),
    'typing.changed': ({ roomId, userId, username, isTyping }) => ({
      kind: 'typing',
      roomId,
      userId,
      username,
      isTyping,
    }),
    'presence.changed': ({ userId, isOnline }) => ({ kind: 'presence', userId, isOnline }),
  },
};
