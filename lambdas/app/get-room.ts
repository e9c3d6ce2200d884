import type { Participant, Room, User } from '../domain/entities.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import type { Deps } from './deps.ts';
import { findParticipant } from './participation.ts';
import { notParticipant } from './refusals.ts';
import type { RoomActivity } from './room-activity.ts';
import { lastMessageOf, unreadCountOf } from './room-activity.ts';

/** A participant with what others may see of a user: names and presence; no e-mail address, no role. */
export interface ParticipantView extends Participant, Pick<User, 'displayName' | 'isOnline' | 'lastSeenAt'> {
  readonly username?: string;
}

export interface RoomDetail extends RoomActivity {
  readonly room: Room;
  /** In order of joining. */
  readonly participants: readonly ParticipantView[];
}

/** Rejects with `not_participant`, for missing rooms too. */
export async function getRoom(
  deps: Pick<Deps, 'rooms' | 'messages' | 'users'>,
  { roomId, userId }: { readonly roomId: RoomId; readonly userId: UserId },
): Promise<RoomDetail> {
  const [room, caller] = await Promise.all([deps.rooms.get(roomId), findParticipant(deps, roomId, userId)]);
  if (room === undefined || caller === undefined) throw notParticipant();
  const [participants, last, unreadCount] = await Promise.all([
    participantsOf(deps, roomId),
    lastMessageOf(deps, roomId),
    unreadCountOf(deps, caller),
  ]);
  return { room, participants, ...last, unreadCount };
}

async function participantsOf(
  deps: Pick<Deps, 'rooms' | 'users'>,
  roomId: RoomId,
): Promise<readonly ParticipantView[]> {
  const participants = await deps.rooms.participants(roomId);
  const users = await deps.users.getMany(participants.map(({ userId }) => userId));
  const byId = new Map(users.map((user) => [user.id, user]));
  return participants
    .map((participant) => ({ ...participant, ...faceOf(byId.get(participant.userId)) }))
    .toSorted((a, b) => a.joinedAt - b.joinedAt || (a.userId < b.userId ? -1 : 1));
}

/** Nothing for a user of an external issuer who has not connected yet. */
function faceOf(user: User | undefined): Omit<ParticipantView, keyof Participant> {
  if (user === undefined) return {};
  const { username, displayName, isOnline, lastSeenAt } = user;
  return {
    username,
    ...(displayName === undefined ? {} : { displayName }),
    ...(isOnline === undefined ? {} : { isOnline }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
  };
}
