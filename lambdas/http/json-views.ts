import type { RoomDetail } from '../app/get-room.ts';
import type { RoomSummary } from '../app/list-rooms.ts';
import type { User } from '../domain/entities.ts';
import { messageJson, toIso } from '../wire/json/views.ts';

export function roomSummaryJson({ room, lastMessage, unreadCount }: RoomSummary) {
  return {
    id: room.id,
    ...(room.name === undefined ? {} : { name: room.name }),
    createdBy: room.createdBy,
    createdAt: toIso(room.createdAt),
    ...(lastMessage === undefined ? {} : { lastMessage: messageJson(lastMessage) }),
    unreadCount,
  };
}

export function roomJson(detail: RoomDetail) {
  return { ...roomSummaryJson(detail), participants: detail.participants.map(participantJson) };
}

function participantJson(participant: RoomDetail['participants'][number]) {
  const { userId, username, displayName, isOnline, lastSeenAt } = participant;
  const { joinedAt, lastReadMessageId, lastReadAt } = participant;
  return {
    id: userId,
    ...(username === undefined ? {} : { username }),
    ...(displayName === undefined ? {} : { displayName }),
    isOnline: isOnline === true,
    ...(lastSeenAt === undefined ? {} : { lastSeenAt: toIso(lastSeenAt) }),
    joinedAt: toIso(joinedAt),
    ...(lastReadMessageId === undefined ? {} : { lastReadMessageId }),
    ...(lastReadAt === undefined ? {} : { lastReadAt: toIso(lastReadAt) }),
  };
}

/** Oneself, so with the e-mail address. Field by field: whatever else a store may hold of a user stays there. */
export function userJson({ id, username, email, displayName, role, createdAt }: User) {
  return {
    id,
    username,
    ...(email === undefined ? {} : { email }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(role === undefined ? {} : { role }),
    createdAt: toIso(createdAt),
  };
}
