/** @import { Dialect } from '../types.ts' */

/** @type {Dialect} */
export const rooms = {
  id: 'rooms',
  title: 'rooms',
  about:
    'On its own namespace, /chat. Rooms are joined by hand; nobody says that they stopped typing, nor what they have read.',
  namespace: '/chat',
  typingLastsMs: 4_000,
  join: (roomId) => ['join_room', { roomId }],
  send: (roomId, content) => ['send_message', { roomId, content }],
  typing: (roomId, isTyping) => (isTyping ? ['typing', { roomId }] : undefined),
  hears: {
    message: ({ id, roomId, sender, content, createdAt }) => ({
      kind: 'message',
      id,
      roomId,
      sender: person(sender),
      content,
      createdAt,
    }),
    user_typing: ({ userId, roomId }) => ({ kind: 'typing', roomId, userId, isTyping: true }),
  },
};

/** The document has no user name. @param {{ _id: string, displayName?: string, email?: string }} sender */
function person({ _id: id, displayName, email }) {
  return { id, username: displayName ?? email ?? id };
}
