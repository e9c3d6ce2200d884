import { nextShardCount, shardOf } from '../../../domain/shard.ts';
import type { Namespace, Place, SocketEntry, SocketId, SocketIndex } from '../../../ports/socketio.ts';
import { key, partition } from '../keys.ts';
import { getRow, type Read } from '../read.ts';
import { growShards, shardCount, shardRows, type ShardPartition, someShardRows } from '../sharded-rows.ts';
import { isLive, type Table } from '../table.ts';
import { putRow, takeRow, updateRow } from '../write.ts';
import { createShardMemo, type ShardMemo } from './shard-memo.ts';
import { entryOf, ofSession, socketRow, type SocketRow } from './socket-rows.ts';

/** Where the index is and what this instance knows of its shards. */
interface Index {
  readonly table: Table;
  readonly memo: ShardMemo;
}

/**
 * Sockets by room. Large rooms are spread as members.ts spreads them, but the caller need not know the shard: shard counts
 * are powers of two, so a socket can only be in hash mod k, k/2, k/4 … 1, where k is the number of shards now.
 * A namespace grows along with its largest room, which makes one look at the namespace do for all its rooms.
 */
export function createSocketIndex(table: Table): SocketIndex {
  const index = { table, memo: createShardMemo(table.now) };
  return {
    add: (place, entry, expiresAt) => add(index, place, { entry, expiresAt }),
    remove: (place, socket) => remove(index, place, socket),
    tag: (place, socket, tag) => retag(index, place, { ...socket, tag }),
    list: (place, at, read) => list(index, place, { at, read: read ?? 'eventual' }),
    // AP-61
    few: async (place, at, most) => {
      const rows = await someShardRows<SocketRow>(table, shardsOf(place), most);
      const found = distinct(rows.filter((row) => isLive(row, at)));
      // Rows that have expired, or are there twice, may have stood in the way of others.
      if (rows.length <= most || found.length > most) return found;
      return list(index, place, { at, read: 'eventual' });
    },
    find: (nsp, socketId, at) => find(index, { nsp, socketId }, at),
  };
}

function shardsOf(place: Place): ShardPartition {
  return (shard) => partition.sockets(place, shard);
}

/** AP-58. What nobody remembers is taken for small and asked for meanwhile (AP-60); a row that proves misplaced is moved. */
async function add(
  index: Index,
  place: Place,
  row: { readonly entry: SocketEntry; readonly expiresAt: number },
): Promise<void> {
  const known = index.memo.shards(place);
  const put = (shard: number) => putRow(index.table, socketRow(place, shard, row));
  const home = (shards: number) => shardOf(row.entry.socketId, shards);
  if (known !== undefined) return put(home(known));
  const [shards] = await Promise.all([askShards(index, place), put(0)]);
  if (home(shards) === 0) return;
  await put(home(shards));
  await takeRow(index.table, key.socket(place, 0, row.entry.socketId), ofSession(row.entry.sid)); // AP-59
}

/** AP-60, at most once per room, instance and some minutes. */
async function askShards({ table, memo }: Index, place: Place): Promise<number> {
  const namespace = { nsp: place.nsp };
  const whole = memo.shards(namespace) ?? (await shardCount(table, shardsOf(namespace)));
  memo.remember(namespace, whole);
  if (place.room === undefined || whole === 1) return whole;
  const shards = await shardCount(table, shardsOf(place));
  memo.remember(place, shards);
  return shards;
}

/**
 * AP-59: first where the row should be, and where it would be had it been written one growth ago. A socket that was added
 * before and after a growth has two rows, of which an instance that missed the growth takes one. The other goes with the
 * next removal, which the first broadcast that finds its connection gone asks for (compat/adapter/fan-out.ts), or expires.
 */
async function remove(
  index: Index,
  place: Place,
  { socketId, sid }: Pick<SocketEntry, 'socketId' | 'sid'>,
): Promise<void> {
  await whereverItIs(index, { place, socketId }, async (shard) => {
    const row = await takeRow<SocketRow>(index.table, key.socket(place, shard, socketId), ofSession(sid));
    return row !== undefined;
  });
}

/** AP-69: looked for as AP-59 does. */
async function retag(
  index: Index,
  place: Place,
  { socketId, sid, tag }: Pick<SocketEntry, 'socketId' | 'sid'> & { readonly tag: string },
): Promise<void> {
  const { expression, values } = ofSession(sid);
  await whereverItIs(index, { place, socketId }, async (shard) => {
    const outcome = await updateRow(index.table, key.socket(place, shard, socketId), {
      UpdateExpression: 'SET t = :t',
      ConditionExpression: expression,
      ExpressionAttributeValues: { ...values, ':t': tag },
    });
    return outcome !== 'refused';
  });
}

/** `act` answers whether a shard had the row. */
async function whereverItIs(
  index: Index,
  { place, socketId }: { readonly place: Place; readonly socketId: SocketId },
  act: (shard: number) => Promise<boolean>,
): Promise<void> {
  const known = index.memo.shards(place) ?? 1;
  const some = async (shards: readonly number[]) => (await Promise.all(shards.map(act))).includes(true);
  const first = candidates(socketId, known).slice(0, 2);
  if (await some(first)) return;
  // Never there, or in a room that has grown since this instance asked.
  const shards = await shardCount(index.table, shardsOf(place));
  index.memo.remember(place, shards);
  await some(candidates(socketId, Math.max(shards, known)).filter((shard) => !first.includes(shard)));
}

/** The shards a socket can be in, the likeliest first. */
function candidates(socketId: SocketId, shards: number): readonly number[] {
  const places = new Set<number>();
  for (let count = shards; count >= 1; count /= 2) places.add(shardOf(socketId, count));
  return [...places];
}

/** AP-61 */
async function list(
  index: Index,
  place: Place,
  { at, read }: { readonly at: number; readonly read: Read },
): Promise<readonly SocketEntry[]> {
  const expected = index.memo.shards(place) ?? 1;
  const shards = await shardRows<SocketRow>(index.table, shardsOf(place), { expected, read });
  index.memo.remember(place, shards.length);
  const entries = distinct(shards.flat().filter((row) => isLive(row, at)));
  await grow(index, place, { size: entries.length, shards: shards.length });
  return entries;
}

/** By socket: one that was added again after its room grew has two rows, of which the later counts. */
function distinct(rows: readonly SocketRow[]): readonly SocketEntry[] {
  const latest = new Map<SocketId, SocketRow>();
  for (const row of rows) {
    const other = latest.get(row.sk);
    if (other === undefined || isLater(row, other)) latest.set(row.sk, row);
  }
  return [...latest.values()].map(entryOf);
}

/** Of two of the same second the one that has a connection: first there is none. */
function isLater(row: SocketRow, other: SocketRow): boolean {
  if (row.expiresAt !== other.expiresAt) return row.expiresAt > other.expiresAt;
  return other.c === undefined;
}

/** AP-62, when a list found too many. That list is good without it, so it must not fail with it. */
async function grow(
  { table, memo }: Index,
  place: Place,
  now: { readonly size: number; readonly shards: number },
): Promise<void> {
  const to = nextShardCount(now.size, now.shards);
  if (to === now.shards) return;
  const namespace = { nsp: place.nsp };
  try {
    await growShards(table, shardsOf(namespace), { to });
    if (place.room !== undefined) await growShards(table, shardsOf(place), { to });
    memo.remember(place, to);
  } catch {
    // Somebody will list this room again.
  }
}

/** AP-63 */
async function find(
  index: Index,
  { nsp, socketId }: { readonly nsp: Namespace; readonly socketId: SocketId },
  at: number,
): Promise<SocketEntry | undefined> {
  const look = async (shards: readonly number[]) => {
    const reads = shards.map((shard) =>
      getRow<SocketRow>(index.table, key.socket({ nsp }, shard, socketId), 'eventual'),
    );
    const rows = (await Promise.all(reads)).filter((row) => row !== undefined && isLive(row, at));
    return distinct(rows as SocketRow[])[0];
  };
  const first = candidates(socketId, index.memo.shards({ nsp }) ?? 1).slice(0, 2);
  const found = await look(first);
  if (found !== undefined) return found;
  const shards = await shardCount(index.table, shardsOf({ nsp }));
  index.memo.remember({ nsp }, shards);
  return look(candidates(socketId, shards).filter((shard) => !first.includes(shard)));
}
