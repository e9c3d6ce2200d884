/**
 * Rows of one thing that everybody writes and reads at once, spread over several partitions once there are many: the
 * members of a large room. Shard 0 holds a header with the number of shards, which sorts before every other row.
 */
import { LIVE } from '../../manifest/table.ts';
import { SORT, type Key } from './keys.ts';
import { getRow, queryAll, queryFirst, type Read } from './read.ts';
import type { Table } from './table.ts';
import { updateRow } from './write.ts';

/** Partition key of a shard. */
export type ShardPartition = (shard: number) => string;

/** Exists only once there is more than one shard. */
interface ShardHeader {
  readonly [LIVE.shards]: number;
}

/** Eventually consistent. */
export async function shardCount(table: Table, partition: ShardPartition): Promise<number> {
  return (await getRow<ShardHeader>(table, headerKey(partition), 'eventual'))?.[LIVE.shards] ?? 1;
}

/** The rows of each shard, the header left out. `expected` shards are read at once, others when the header tells of them. */
export async function shardRows<T extends Key>(
  table: Table,
  partition: ShardPartition,
  { expected = 1, read = 'eventual' }: { readonly expected?: number; readonly read?: Read } = {},
): Promise<readonly (readonly T[])[]> {
  const [first = [], ...others] = await rowsOf<T>(table, partition, { from: 0, to: expected, read });
  const header = first.find((row) => row.sk === SORT.shardHeader);
  const shards = (header as ShardHeader | undefined)?.[LIVE.shards] ?? 1;
  const more = await rowsOf<T>(table, partition, { from: expected, to: shards, read });
  return [first.filter((row) => row.sk !== SORT.shardHeader), ...others, ...more];
}

/** As shardRows, all shards together, but of more than `most` rows only so many that one sees it. */
export async function someShardRows<T extends Key>(
  table: Table,
  partition: ShardPartition,
  most: number,
): Promise<readonly T[]> {
  // One more shows that there are too many, and there may be the header.
  const limit = most + 2;
  const rowsIn = (shard: number) =>
    queryFirst<T>(
      table,
      {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': partition(shard) },
        Limit: limit,
      },
      { limit },
    );
  const first = await rowsIn(0);
  const header = first.find((row) => row.sk === SORT.shardHeader);
  const rows = first.filter((row) => row.sk !== SORT.shardHeader);
  if (header === undefined || rows.length > most) return rows;
  const others = (header as unknown as ShardHeader)[LIVE.shards] - 1;
  const more = await Promise.all(Array.from({ length: others }, (_, index) => rowsIn(index + 1)));
  return [...rows, ...more.flat()];
}

function rowsOf<T>(
  table: Table,
  partition: ShardPartition,
  { from, to, read }: { readonly from: number; readonly to: number; readonly read: Read },
): Promise<readonly (readonly T[])[]> {
  const shards = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  return Promise.all(
    shards.map((shard) =>
      queryAll<T>(table, {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': partition(shard) },
        ConsistentRead: read === 'strong',
      }),
    ),
  );
}

/** A refusal means that somebody else has just done it. `from` absent: whatever is less than `to`. */
export async function growShards(
  table: Table,
  partition: ShardPartition,
  { from, to }: { readonly from?: number; readonly to: number },
): Promise<void> {
  const unset = from === undefined || from === 1 ? 'attribute_not_exists(#k) OR ' : '';
  await updateRow(table, headerKey(partition), {
    UpdateExpression: 'SET #k = :to',
    ConditionExpression: unset + (from === undefined ? '#k < :to' : '#k = :from'),
    ExpressionAttributeNames: { '#k': LIVE.shards },
    ExpressionAttributeValues: { ':to': to, ...(from !== undefined && { ':from': from }) },
  });
}

function headerKey(partition: ShardPartition): Key {
  return { pk: partition(0), sk: SORT.shardHeader };
}
