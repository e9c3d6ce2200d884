import type { Millis } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { ConnectionId, RoomId } from '../domain/ids.ts';
import { nextShardCount } from '../domain/shard.ts';
import type { Deps } from './deps.ts';
import type { FanOutDeps, FanOutSummary } from './fan-out.ts';
import type { LiveRoom } from './live-room.ts';
import { tellEverybody } from './tell-everybody.ts';

export interface Broadcast {
  readonly roomId: RoomId;
  readonly live: LiveRoom;
  readonly event: DomainEvent;
  /** Who caused it and gets it as the answer: a connection, or the id of a socket. */
  readonly except?: ConnectionId;
  readonly at: Millis;
}

/**
 * Fans an event out to a room, to connections and to Socket.IO sockets, and meanwhile lets the room grow when the list showed
 * it crowded. What comes back is about the connections that were told here. Never rejects.
 */
export async function broadcast(
  deps: FanOutDeps,
  { roomId, live, ...push }: Broadcast,
): Promise<FanOutSummary> {
  const [summary] = await Promise.all([
    tellEverybody(deps, { connections: live.members, sockets: live.sockets }, push),
    growIfCrowded(deps, roomId, live),
  ]);
  return summary;
}

async function growIfCrowded(
  deps: Pick<Deps, 'members' | 'log'>,
  roomId: RoomId,
  live: Pick<LiveRoom, 'members' | 'shards'>,
): Promise<void> {
  const shards = nextShardCount(live.members.length, live.shards);
  if (shards === live.shards) return;
  try {
    await deps.members.grow(roomId, live.shards, shards);
    deps.log.info('a room grew', { roomId, from: live.shards, to: shards });
  } catch (error) {
    deps.log.warn('a room could not grow', { roomId, error });
  }
}
