import type { LiveMember, Millis } from '../domain/entities.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import type { Gathering } from '../ports/audience.ts';
import type { Deps } from './deps.ts';
import { requireParticipant } from './participation.ts';

/** Who is connected to a room now, in either way. */
export interface LiveRoom {
  readonly members: readonly LiveMember[];
  /** Over how many shards the members are spread. */
  readonly shards: number;
  /** Socket.IO sockets. */
  readonly sockets: Gathering;
}

/** One round of calls. */
export async function listLiveRoom(
  deps: Pick<Deps, 'members' | 'audience'>,
  roomId: RoomId,
  at: Millis,
): Promise<LiveRoom> {
  const [live, sockets] = await Promise.all([
    deps.members.list(roomId, at),
    deps.audience.inRoom(roomId, at),
  ]);
  return { ...live, sockets };
}

interface Visit {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly at: Millis;
  /** The caller has proof that the user may be here: the stored session of a socket that is in the room. */
  readonly proven?: true;
}

/**
 * Lists a room for somebody who must be in it. A live row of the user proves it: rows are written for participants only
 * and removed together with the right. Who has none (has not joined, or joined a moment ago) is looked up, strongly.
 * Rejects with `not_participant`.
 */
export async function enterLiveRoom(
  deps: Pick<Deps, 'members' | 'rooms' | 'audience'>,
  { roomId, userId, at, proven }: Visit,
): Promise<LiveRoom> {
  const live = await listLiveRoom(deps, roomId, at);
  if (proven !== true && !live.members.some((member) => member.userId === userId)) {
    await requireParticipant(deps, roomId, userId);
  }
  return live;
}
