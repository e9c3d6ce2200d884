import type { RoomId } from '../../domain/ids.ts';
import type { MessageStore } from '../../ports/stores.ts';
import { claimsOf } from './claims.ts';
import { newestFirst, oldestFirst } from './page.ts';
import { partition, type State } from './state.ts';

export function createMessageStore(state: State): MessageStore {
  const { messages } = state;
  return {
    async append(message) {
      const room = partition(messages, message.roomId);
      if (room.has(message.id)) return 'exists';
      room.set(message.id, message);
      return 'stored';
    },
    async remove(roomId, messageId) {
      messages.get(roomId)?.delete(messageId);
    },
    async get(roomId, messageId) {
      return messages.get(roomId)?.get(messageId);
    },
    async late(roomId, messageId, toldUntil) {
      const room = messages.get(roomId);
      const message = room?.get(messageId);
      if (message !== undefined) room?.set(messageId, { ...message, toldUntil });
    },
    async history(roomId, page) {
      const { rows, cursor } = newestFirst(messages.get(roomId)?.values() ?? [], page);
      return { messages: rows, ...cursor };
    },
    async since(roomId, query) {
      return oldestFirst(messages.get(roomId)?.values() ?? [], query);
    },
    async countAfter(roomId, query) {
      return countAfter(state, roomId, query);
    },
    ...claimsOf(state),
  };
}

function countAfter(
  { messages }: State,
  roomId: RoomId,
  query: Parameters<MessageStore['countAfter']>[1],
): number {
  const { after, exceptSender, limit } = query;
  const unread = [...(messages.get(roomId)?.values() ?? [])].filter(
    ({ id, sender }) => (after === undefined || id > after) && sender.id !== exceptSender,
  );
  return Math.min(unread.length, limit);
}
