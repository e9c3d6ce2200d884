import type { LiveMember, Millis } from '../domain/entities.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import { PRESENCE } from '../manifest/limits.ts';
import type { Gathering } from '../ports/audience.ts';
import type { Deps } from './deps.ts';
import type { FanOutDeps } from './fan-out.ts';
import { fanOut } from './fan-out.ts';
import { mapBounded } from './map-bounded.ts';

export interface AnnounceDeps extends FanOutDeps, Pick<Deps, 'rooms'> {
  /** Of a room with more connections and sockets nobody is told. */
  readonly roomLimit: number;
}

export interface PresenceInput {
  readonly userId: UserId;
  readonly username: string;
  readonly isOnline: boolean;
  /** When it changed; for the offline, when they were last seen. */
  readonly at: Millis;
  readonly now: Millis;
}

interface Hearers {
  readonly members: readonly LiveMember[];
  readonly sockets: Gathering;
}

/**
 * Tells those who share a room with a user that they came or went, each connection and socket once, the user's own not. What it
 * can cost is bounded: by PRESENCE.rooms rooms, by the size of a room, of which no more is read than shows that it is too
 * large, and by PRESENCE.recipients. Rejects with `unavailable` while nobody was told.
 */
export async function announcePresence(deps: AnnounceDeps, input: PresenceInput): Promise<void> {
  const { userId, username, isOnline, at, now } = input;
  const event = { kind: 'presence.changed', userId, username, isOnline, at } as const;
  const [roomIds, own] = await Promise.all([
    someRoomsOf(deps, userId),
    // Somebody offline has none.
    isOnline ? deps.audience.ofUser(userId, now) : undefined,
  ]);
  const rooms = await mapBounded(roomIds, PRESENCE.concurrency, (roomId) => hearersIn(deps, roomId, now));
  const found = gather(rooms.filter((room) => room !== undefined));
  if (found === undefined) return;
  const members = found.members.filter((member) => member.userId !== userId);
  const sockets = own === undefined ? found.sockets : found.sockets.without(own);
  await Promise.all([fanOut(deps, { event, to: members, at: now }), sockets.say(event)]);
}

async function someRoomsOf(deps: Pick<Deps, 'rooms' | 'log'>, userId: UserId): Promise<readonly RoomId[]> {
  const rooms = await deps.rooms.roomsOf(userId);
  if (rooms.length > PRESENCE.rooms)
    deps.log.warn('presence was not told in all rooms', { userId, rooms: rooms.length });
  return rooms.slice(0, PRESENCE.rooms);
}

/** Undefined for a crowd. */
async function hearersIn(deps: AnnounceDeps, roomId: RoomId, now: Millis): Promise<Hearers | undefined> {
  const most = deps.roomLimit;
  const [members, sockets] = await Promise.all([
    deps.members.few(roomId, now, most),
    deps.audience.fewInRoom(roomId, now, most),
  ]);
  return members.length + sockets.size > most ? undefined : { members, sockets };
}

/** Of as many rooms as may be told; each connection and socket once. */
function gather(rooms: readonly Hearers[]): Hearers | undefined {
  let gathered: Hearers | undefined;
  for (const { members, sockets } of rooms) {
    const both = {
      members: [
        ...new Map(
          [...(gathered?.members ?? []), ...members].map((member) => [member.connectionId, member]),
        ).values(),
      ],
      sockets: gathered?.sockets.and(sockets) ?? sockets,
    };
    if (both.members.length + both.sockets.size > PRESENCE.recipients) return gathered;
    gathered = both;
  }
  return gathered;
}
