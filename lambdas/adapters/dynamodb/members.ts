import type { DialectName, LiveMember } from '../../domain/entities.ts';
import type { ConnectionId, RoomId, UserId } from '../../domain/ids.ts';
import { LIVE } from '../../manifest/table.ts';
import type { MemberStore } from '../../ports/stores.ts';
import { key, partition, SORT, type Key } from './keys.ts';
import { getRow, queryAll } from './read.ts';
import { isLive, toExpiry, type Expiring, type Table } from './table.ts';
import { deleteRow, putRow, updateRow } from './write.ts';

/** L#r#s / c: at most 100 bytes with generated ids, so that 40 fit into one 4 KB read unit. */
interface LiveRow extends Key, Expiring {
  readonly [LIVE.userId]: UserId;
  readonly [LIVE.dialect]: DialectName;
}

/** L#r#0 / !: exists only once the room has grown. */
interface ShardHeader {
  readonly [LIVE.shards]: number;
}

/**
 * Live members, read for every message sent and so with eventually consistent reads. Whoever joined within the last
 * second may be missed by a send that was under way at that moment; the join's answer comes after the write.
 */
export function createMemberStore(table: Table): MemberStore {
  return {
    // AP-26
    shards: async (roomId) =>
      (await getRow<ShardHeader>(table, key.shardHeader(roomId), 'eventual'))?.[LIVE.shards] ?? 1,
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
    grow: (roomId, from, to) => grow(table, roomId, { from, to }),
  };
}

/** AP-29: shard 0 tells how many more there are; those are read in parallel. */
async function list(table: Table, roomId: RoomId, at: number): ReturnType<MemberStore['list']> {
  const first = await shardRows(table, roomId, 0);
  const header = first.find((row) => row.sk === SORT.shardHeader) as ShardHeader | undefined;
  const shards = header?.[LIVE.shards] ?? 1;
  const others = await Promise.all(
    Array.from({ length: shards - 1 }, (_, index) => shardRows(table, roomId, index + 1)),
  );
  // By connection: one that joined again after its room grew has a row in two shards and must get each frame once.
  const members = new Map<ConnectionId, LiveMember>();
  for (const [shard, rows] of [first, ...others].entries()) {
    for (const row of rows) {
      if (row.sk === SORT.shardHeader || !isLive(row, at)) continue;
      const member = memberOf(row, { roomId, shard });
      members.set(member.connectionId, member);
    }
  }
  return { members: [...members.values()], shards };
}

function shardRows(table: Table, roomId: RoomId, shard: number): Promise<readonly LiveRow[]> {
  return queryAll<LiveRow>(table, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': partition.live(roomId, shard) },
  });
}

function memberOf(row: LiveRow, place: { readonly roomId: RoomId; readonly shard: number }): LiveMember {
  return {
    ...place,
    connectionId: row.sk as ConnectionId,
    userId: row[LIVE.userId],
    dialect: row[LIVE.dialect],
  };
}

/** AP-30. A refusal means that somebody else has just done it. */
async function grow(
  table: Table,
  roomId: RoomId,
  step: { readonly from: number; readonly to: number },
): Promise<void> {
  const unset = step.from === 1 ? 'attribute_not_exists(#k) OR ' : '';
  await updateRow(table, key.shardHeader(roomId), {
    UpdateExpression: 'SET #k = :to',
    ConditionExpression: `${unset}#k = :from`,
    ExpressionAttributeNames: { '#k': LIVE.shards },
    ExpressionAttributeValues: { ':from': step.from, ':to': step.to },
  });
}
