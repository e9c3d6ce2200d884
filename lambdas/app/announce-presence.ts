import type { Millis } from '../domain/entities.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import { PRESENCE } from '../manifest/limits.ts';
import type { Deps } from './deps.ts';
import type { FanOutDeps } from './fan-out.ts';
import { fanOut } from './fan-out.ts';
import { listLiveRoom } from './live-room.ts';
import { mapBounded } from './map-bounded.ts';

export interface PresenceInput {
  readonly userId: UserId;
  readonly username: string;
  readonly isOnline: boolean;
  /** When it changed; for the offline, when they were last seen. */
  readonly at: Millis;
  /** Id of a socket of the user's own, which need not hear of itself. */
  readonly except?: string;
}

/**
 * Tells everybody who shares a room with a user that they came or went, each connection and socket once, the user's own
 * connections not. Looks at PRESENCE.rooms rooms at most. Rejects with `unavailable` while nobody was told.
 */
export async function announcePresence(
  deps: FanOutDeps & Pick<Deps, 'rooms'>,
  { userId, username, isOnline, at, except }: PresenceInput,
): Promise<void> {
  const event = { kind: 'presence.changed', userId, username, isOnline, at } as const;
  const rooms = await mapBounded(await someRoomsOf(deps, userId), PRESENCE.concurrency, (roomId) =>
    listLiveRoom(deps, roomId, at),
  );
  const [first, ...others] = rooms.map(({ sockets }) => sockets);
  if (first === undefined) return;
  const sockets = others.reduce((all, more) => all.and(more), first);
  const members = rooms.flatMap((room) => room.members).filter((member) => member.userId !== userId);
  await Promise.all([fanOut(deps, { event, to: members, at }), sockets.say(event, except)]);
}

async function someRoomsOf(deps: Pick<Deps, 'rooms' | 'log'>, userId: UserId): Promise<readonly RoomId[]> {
  const rooms = await deps.rooms.roomsOf(userId);
  if (rooms.length > PRESENCE.rooms)
    deps.log.warn('presence was not told in all rooms', { userId, rooms: rooms.length });
  return rooms.slice(0, PRESENCE.rooms);
}
