/** @import { Dialect } from '../types.ts' */

/** @type {Dialect} */
export const messenger = {
  id: 'messenger',
  title: 'messenger',
  about:
    'A message and its free context. It has no word for who wrote, and names a room only if the sender’s context does.',
  namespace: '/',
  typingLastsMs: 12_000,
  opening: ['typing', false],
  send: (roomId, message) => ['message', { message, context: { roomId } }],
  typing: (_roomId, isTyping) => ['typing', isTyping],
  hears: {
    message: ({ id, message, timestamp, context }) => ({
      kind: 'message',
      id,
      roomId: typeof context?.roomId === 'string' ? context.roomId : undefined,
      content: message,
      createdAt: timestamp,
    }),
    userTyping: ({ userId, username, isTyping }) => ({ kind: 'typing', userId, username, isTyping }),
    userStatus: ({ userId, isOnline }) => ({ kind: 'presence', userId, isOnline }),
  },
};
