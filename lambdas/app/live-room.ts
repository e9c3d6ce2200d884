import type { LiveMember, Millis } from '../domain/entities.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import type { Deps } from './deps.ts';
import { requireParticipant } from './participation.ts';

/** Who is connected to a room now, and over how many shards they are spread. */
export interface LiveRoom {
  readonly members: readonly LiveMember[];
  readonly shards: number;
}

/**
 * Lists a room for somebody who must be in it. A live row of the user proves it: rows are written for participants only
 * and removed together with the right. Who has none (has not joined, or joined a moment ago) is looked up, strongly.
 * Rejects with `not_participant`.
 */
export async function enterLiveRoom(
  deps: Pick<Deps, 'members' | 'rooms'>,
  visit: { readonly roomId: RoomId; readonly userId: UserId; readonly at: Millis },
): Promise<LiveRoom> {
  const live = await deps.members.list(visit.roomId, visit.at);
  if (!live.members.some((member) => member.userId === visit.userId)) {
    await requireParticipant(deps, visit.roomId, visit.userId);
  }
  return live;
}
