import type { Millis } from '../../domain/entities.ts';
import type { RoomId, UserId } from '../../domain/ids.ts';
import type { RoomStore } from '../../ports/stores.ts';
import { partition, type State } from './state.ts';

export function createRoomStore(state: State): RoomStore {
  const { rooms, participants } = state;
  return {
    async create(room, userIds) {
      if (!rooms.has(room.id)) rooms.set(room.id, room);
      addParticipants(state, room.id, { userIds, at: room.createdAt });
    },
    async get(roomId) {
      return rooms.get(roomId);
    },
    async getMany(roomIds) {
      return [...new Set(roomIds)].flatMap((roomId) => rooms.get(roomId) ?? []);
    },
    async participant(roomId, userId) {
      return participants.get(roomId)?.get(userId);
    },
    async participants(roomId) {
      return [...(participants.get(roomId)?.values() ?? [])];
    },
    async roomsOf(userId) {
      return [...participants].filter(([, users]) => users.has(userId)).map(([roomId]) => roomId);
    },
    async addParticipants(roomId, userIds, at) {
      addParticipants(state, roomId, { userIds, at });
    },
    async removeParticipant(roomId, userId) {
      return participants.get(roomId)?.delete(userId) === true ? 'removed' : 'absent';
    },
    async advanceReceipt(receipt) {
      return advanceReceipt(state, receipt);
    },
  };
}

function addParticipants(
  { participants }: State,
  roomId: RoomId,
  { userIds, at }: { readonly userIds: readonly UserId[]; readonly at: Millis },
): void {
  const users = partition(participants, roomId);
  for (const userId of userIds) {
    if (!users.has(userId)) users.set(userId, { roomId, userId, joinedAt: at });
  }
}

function advanceReceipt(
  { participants }: State,
  { roomId, userId, messageId, readAt }: Parameters<RoomStore['advanceReceipt']>[0],
): 'advanced' | 'not-newer' | 'not-participant' {
  const participant = participants.get(roomId)?.get(userId);
  if (participant === undefined) return 'not-participant';
  const { lastReadMessageId } = participant;
  if (lastReadMessageId !== undefined && messageId <= lastReadMessageId) return 'not-newer';
  partition(participants, roomId).set(userId, {
    ...participant,
    lastReadMessageId: messageId,
    lastReadAt: readAt,
  });
  return 'advanced';
}
