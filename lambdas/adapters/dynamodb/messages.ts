import type { Message, Millis } from '../../domain/entities.ts';
import type { MessageId, RoomId } from '../../domain/ids.ts';
import { idFloor } from '../../domain/message-id.ts';
import type { MessagePage, MessageStore, Since, SinceQuery } from '../../ports/stores.ts';
import { claim, claimed, told } from './claims.ts';
import { key, partition } from './keys.ts';
import { messageOf, messageRow, type MessageRow } from './message-rows.ts';
import { getRow, queryFirst, queryOnce, queryPages } from './read.ts';
import type { Table } from './table.ts';
import { deleteRow, putOnce, updateRow } from './write.ts';

export function createMessageStore(table: Table): MessageStore {
  return {
    append: (message) => putOnce(table, messageRow(message)), // AP-19
    remove: (roomId, messageId) => deleteRow(table, key.message(roomId, messageId)), // AP-20
    // AP-21
    get: async (roomId, messageId) => {
      const row = await getRow<MessageRow>(table, key.message(roomId, messageId), 'strong');
      return row && messageOf(row);
    },
    late: (roomId, id, until) => late(table, { roomId, id, until }),
    history: (roomId, page) => history(table, roomId, page),
    since: (roomId, query) => since(table, roomId, query),
    countAfter: (roomId, query) => countAfter(table, roomId, query),
    claim: (wanted) => claim(table, wanted),
    claimed: (of, at) => claimed(table, of, at),
    told: (of) => told(table, of),
  };
}

/**
 * AP-22. One row more than asked for tells whether there is a next page. Strong, so that whoever was answered "sent"
 * finds the message in the history it reads next.
 */
async function history(
  table: Table,
  roomId: RoomId,
  page: { readonly limit: number; readonly before?: MessageId },
): Promise<MessagePage> {
  const limit = page.limit + 1;
  const query = {
    ...newerOrOlder(roomId, '<', page.before),
    ScanIndexForward: false,
    ConsistentRead: true,
    Limit: limit,
  };
  const rows = await queryFirst<MessageRow>(table, query, { limit });
  const messages = rows.slice(0, page.limit).map(messageOf);
  const last = messages.at(-1);
  return rows.length > page.limit && last !== undefined ? { messages, nextCursor: last.id } : { messages };
}

/** AP-75. */
async function late(
  table: Table,
  { roomId, id, until }: { readonly roomId: RoomId; readonly id: MessageId; readonly until: Millis },
): Promise<void> {
  await updateRow(table, key.message(roomId, id), {
    UpdateExpression: 'SET l = :until',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':until': until },
  });
}

/** AP-85. Strong: whoever asks has just joined, and what was stored before is told by nobody any more. */
async function since(table: Table, roomId: RoomId, { from, limit }: SinceQuery): Promise<Since<Message>> {
  const query = {
    KeyConditionExpression: 'pk = :pk AND sk >= :from',
    ExpressionAttributeValues: { ':pk': partition.messages(roomId), ':from': idFloor(from) },
    ConsistentRead: true,
  };
  const { rows, complete } = await queryOnce(table, query, limit);
  return { found: (rows as MessageRow[]).map(messageOf), complete };
}

/** AP-23. Counts inside DynamoDB; what it costs is the size of the messages it passes, so it stops at `limit`. */
async function countAfter(
  table: Table,
  roomId: RoomId,
  query: Parameters<MessageStore['countAfter']>[1],
): Promise<number> {
  if (query.limit <= 0) return 0;
  const range = newerOrOlder(roomId, '>', query.after);
  const pages = queryPages(table, {
    ...range,
    FilterExpression: 'senderId <> :me',
    ExpressionAttributeValues: { ...range.ExpressionAttributeValues, ':me': query.exceptSender },
    Select: 'COUNT',
    Limit: query.limit,
  });
  let counted = 0;
  for await (const { count } of pages) {
    counted += count;
    if (counted >= query.limit) return query.limit;
  }
  return counted;
}

function newerOrOlder(roomId: RoomId, comparison: '<' | '>', id: MessageId | undefined) {
  const pk = partition.messages(roomId);
  return id === undefined
    ? { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } }
    : {
        KeyConditionExpression: `pk = :pk AND sk ${comparison} :id`,
        ExpressionAttributeValues: { ':pk': pk, ':id': id },
      };
}
