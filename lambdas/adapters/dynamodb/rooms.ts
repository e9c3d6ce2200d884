import type { Millis, Participant, Room } from '../../domain/entities.ts';
import type { MessageId, RoomId, UserId } from '../../domain/ids.ts';
import type { RoomStore } from '../../ports/stores.ts';
import { batchGetRows } from './batch-get.ts';
import { inChunks } from './in-chunks.ts';
import { idIn, key, partition, SORT, type Key } from './keys.ts';
import { getRow, queryAll } from './read.ts';
import { advanceReceipt } from './receipts.ts';
import type { Table } from './table.ts';
import { deleteRow, putRow, takeRow, updateRow } from './write.ts';

/** ROOM#r / META */
interface RoomRow extends Key {
  readonly name?: string;
  readonly createdBy: UserId;
  readonly createdAt: Millis;
}

/** ROOM#r / USER#u: the right to be in the room, and the read receipt (`r`, `lastReadAt`). */
export interface ParticipantRow extends Key {
  readonly joinedAt: Millis;
  readonly r?: MessageId;
  readonly lastReadAt?: Millis;
}

export function createRoomStore(table: Table): RoomStore {
  return {
    create: async (room, userIds) => {
      // AP-07. META first: a room without participants is invisible, participants without a room are not.
      const { id, name, createdBy, createdAt } = room;
      await putRow(table, { ...key.room(id), name, createdBy, createdAt });
      await addParticipants(table, { roomId: id, userIds, at: createdAt });
    },
    // AP-10
    get: async (roomId) => {
      const row = await getRow<RoomRow>(table, key.room(roomId), 'strong');
      return row && roomOf(row);
    },
    // AP-11
    getMany: async (roomIds) => (await batchGetRows<RoomRow>(table, roomIds.map(key.room))).map(roomOf),
    // AP-12
    participant: async (roomId, userId, read) => {
      const row = await getRow<ParticipantRow>(table, key.participant(roomId, userId), read);
      return row && participantOf(row);
    },
    participants: (roomId) => participants(table, roomId),
    roomsOf: (userId) => roomsOf(table, userId),
    addParticipants: (roomId, userIds, at) => addParticipants(table, { roomId, userIds, at }),
    removeParticipant: async (roomId, userId) => {
      // The index first: sockets are put into the rooms it names, so what stands there must always be a right.
      await deleteRow(table, key.participation(userId, roomId)); // AP-16
      const old = await takeRow(table, key.participant(roomId, userId)); // AP-15
      return old === undefined ? 'absent' : 'removed';
    },
    advanceReceipt: (receipt) => advanceReceipt(table, receipt),
  };
}

/** AP-08, AP-09: the right first, the index after it; repeating the call repairs what a crash left in between. */
async function addParticipants(
  table: Table,
  added: { readonly roomId: RoomId; readonly userIds: readonly UserId[]; readonly at: Millis },
): Promise<void> {
  await inChunks([...new Set(added.userIds)], async (userId) => {
    await updateRow(table, key.participant(added.roomId, userId), {
      UpdateExpression: 'SET joinedAt = if_not_exists(joinedAt, :at)',
      ExpressionAttributeValues: { ':at': added.at },
    });
    await putRow(table, key.participation(userId, added.roomId));
  });
}

/** AP-13 */
async function participants(table: Table, roomId: RoomId): Promise<readonly Participant[]> {
  const rows = await queryAll<ParticipantRow>(table, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': partition.room(roomId), ':prefix': SORT.participant },
    ConsistentRead: true,
  });
  return rows.map(participantOf);
}

/** AP-14 */
async function roomsOf(table: Table, userId: UserId): Promise<readonly RoomId[]> {
  const rows = await queryAll<Key>(table, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': partition.user(userId), ':prefix': SORT.room },
    ConsistentRead: true,
  });
  return rows.map((row) => idIn(row.sk) as RoomId);
}

function roomOf(row: RoomRow): Room {
  return {
    id: idIn(row.pk) as RoomId,
    ...(row.name === undefined ? {} : { name: row.name }),
    createdBy: row.createdBy,
    createdAt: row.createdAt,
  };
}

function participantOf(row: ParticipantRow): Participant {
  return {
    roomId: idIn(row.pk) as RoomId,
    userId: idIn(row.sk) as UserId,
    joinedAt: row.joinedAt,
    ...(row.r === undefined ? {} : { lastReadMessageId: row.r }),
    ...(row.lastReadAt === undefined ? {} : { lastReadAt: row.lastReadAt }),
  };
}
