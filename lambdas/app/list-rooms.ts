import type { Room } from '../domain/entities.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import { ROOM_LIST } from '../manifest/limits.ts';
import type { Deps } from './deps.ts';
import { mapBounded } from './map-bounded.ts';
import type { RoomActivity } from './room-activity.ts';
import { lastMessageOf, unreadCountOf } from './room-activity.ts';

export interface RoomSummary extends RoomActivity {
  readonly room: Room;
}

type ListDeps = Pick<Deps, 'rooms' | 'messages'>;

/** The rooms a user participates in, the one with the newest message (or, without any, the newest room) first. */
export async function listRooms(
  deps: ListDeps,
  { userId }: { readonly userId: UserId },
): Promise<readonly RoomSummary[]> {
  const roomIds = await deps.rooms.roomsOf(userId);
  const [rooms, activities] = await Promise.all([
    deps.rooms.getMany(roomIds),
    mapBounded(
      roomIds,
      ROOM_LIST.concurrency,
      async (roomId) => [roomId, await activityOf(deps, roomId, userId)] as const,
    ),
  ]);
  const byRoom = new Map(activities);
  return rooms.flatMap((room) => summaryOf(room, byRoom.get(room.id))).toSorted(newestFirst);
}

/** Undefined when the user was removed while the list was made. */
async function activityOf(deps: ListDeps, roomId: RoomId, userId: UserId): Promise<RoomActivity | undefined> {
  const [participant, last] = await Promise.all([
    deps.rooms.participant(roomId, userId, 'eventual'),
    lastMessageOf(deps, roomId),
  ]);
  if (participant === undefined) return undefined;
  const unreadCount = last.lastMessage === undefined ? 0 : await unreadCountOf(deps, participant);
  return { ...last, unreadCount };
}

function summaryOf(room: Room, activity: RoomActivity | undefined): readonly RoomSummary[] {
  return activity === undefined ? [] : [{ room, ...activity }];
}

function newestFirst(a: RoomSummary, b: RoomSummary): number {
  // Equal instants keep one order, so that a list does not shuffle between two reads.
  return activeAt(b) - activeAt(a) || (a.room.id < b.room.id ? -1 : 1);
}

function activeAt({ room, lastMessage }: RoomSummary): number {
  return lastMessage?.createdAt ?? room.createdAt;
}
