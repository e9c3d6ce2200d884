import type { DialectName, LiveMember } from '../../domain/entities.ts';
import type { ConnectionId, RoomId, UserId } from '../../domain/ids.ts';
import { LIVE } from '../../manifest/table.ts';
import type { MemberStore } from '../../ports/stores.ts';
import { key, partition, type Key } from './keys.ts';
import { growShards, shardCount, shardRows, type ShardPartition, someShardRows } from './sharded-rows.ts';
import { isLive, toExpiry, type Expiring, type Table } from './table.ts';
import { deleteRow, putRow } from './write.ts';

/** L#r#s / c: at most 100 bytes with generated ids, so that 40 fit into one 4 KB read unit. */
interface LiveRow extends Key, Expiring {
  readonly [LIVE.userId]: UserId;
  readonly [LIVE.dialect]: DialectName;
}

/**
 * Live members, read for every message sent and so with eventually consistent reads. Whoever joined within the last
 * second may be missed by a send that was under way at that moment; the join's answer comes after the write.
 */
export function createMemberStore(table: Table): MemberStore {
  return {
    // AP-26
    shards: (roomId) => shardCount(table, shardsOf(roomId)),
    // AP-27
    add: (member, expiresAt) =>
      putRow(table, {
        ...key.live(member.roomId, member.shard, member.connectionId),
        [LIVE.userId]: member.userId,
        [LIVE.dialect]: member.dialect,
        expiresAt: toExpiry(expiresAt),
      }),
    // AP-28
    remove: (connectionId, room) => deleteRow(table, key.live(room.roomId, room.shard, connectionId)),
    list: (roomId, at) => list(table, roomId, at),
    few: (roomId, at, most) => few(table, roomId, { at, most }),
    // AP-30
    grow: (roomId, from, to) => growShards(table, shardsOf(roomId), { from, to }),
  };
}

function shardsOf(roomId: RoomId): ShardPartition {
  return (shard) => partition.live(roomId, shard);
}

/** AP-29: shard 0 tells how many more there are; those are read in parallel. */
async function list(table: Table, roomId: RoomId, at: number): ReturnType<MemberStore['list']> {
  const shards = await shardRows<LiveRow>(table, shardsOf(roomId));
  // By connection: one that joined again after its room grew has a row in two shards and must get each frame once.
  const members = new Map<ConnectionId, LiveMember>();
  for (const [shard, rows] of shards.entries()) {
    for (const row of rows) {
      if (!isLive(row, at)) continue;
      const member = memberOf(row, { roomId, shard });
      members.set(member.connectionId, member);
    }
  }
  return { members: [...members.values()], shards: shards.length };
}

/** AP-29. The shard does not matter to who is only told something. */
async function few(
  table: Table,
  roomId: RoomId,
  { at, most }: { readonly at: number; readonly most: number },
): Promise<readonly LiveMember[]> {
  const rows = await someShardRows<LiveRow>(table, shardsOf(roomId), most);
  const live = rows
    .filter((row) => isLive(row, at))
    .map((row) => memberOf(row, { roomId, shard: shardIn(row) }));
  const distinct = [...new Map(live.map((member) => [member.connectionId, member])).values()];
  // Rows that have expired, or are there twice, may have stood in the way of others.
  if (rows.length <= most || distinct.length > most) return distinct;
  return (await list(table, roomId, at)).members;
}

/** `L#<room>#<shard>`; ids hold no `#`. */
function shardIn({ pk }: Key): number {
  return Number(pk.slice(pk.lastIndexOf('#') + 1));
}

function memberOf(row: LiveRow, place: { readonly roomId: RoomId; readonly shard: number }): LiveMember {
  return {
    ...place,
    connectionId: row.sk as ConnectionId,
    userId: row[LIVE.userId],
    dialect: row[LIVE.dialect],
  };
}
