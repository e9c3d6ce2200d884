import { GetCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { guarded } from './errors.ts';
import type { Key } from './keys.ts';
import type { Table } from './table.ts';

/** `eventual` costs half as much and may miss writes of the last second. */
export type Read = 'eventual' | 'strong';

export async function getRow<T>(table: Table, key: Key, read: Read): Promise<T | undefined> {
  const answer = await guarded(
    table.client.send(
      new GetCommand({ TableName: table.tableName, Key: key, ConsistentRead: read === 'strong' }),
    ),
  );
  return answer.Item as T | undefined;
}

export type RowQuery = Omit<QueryCommandInput, 'TableName'>;

/** Pages of at most 1 MB (AWS "Paginating table query results"); an empty page in the middle is legal. */
export async function* queryPages(
  table: Table,
  query: RowQuery,
): AsyncGenerator<{ readonly rows: readonly unknown[]; readonly count: number }> {
  let start: QueryCommandInput['ExclusiveStartKey'];
  do {
    const answer = await guarded(
      table.client.send(new QueryCommand({ TableName: table.tableName, ...query, ExclusiveStartKey: start })),
    );
    yield { rows: answer.Items ?? [], count: answer.Count ?? 0 };
    start = answer.LastEvaluatedKey;
  } while (start !== undefined);
}

export async function queryAll<T>(table: Table, query: RowQuery): Promise<readonly T[]> {
  const rows: T[] = [];
  for await (const page of queryPages(table, query)) rows.push(...(page.rows as readonly T[]));
  return rows;
}

/** One answer: at most `limit` rows, fewer where they fill 1 MB. `complete` when there are no more. */
export async function queryOnce(
  table: Table,
  query: RowQuery,
  limit: number,
): Promise<{ readonly rows: readonly unknown[]; readonly complete: boolean }> {
  const { Items: items = [], LastEvaluatedKey: last } = await guarded(
    table.client.send(new QueryCommand({ TableName: table.tableName, ...query, Limit: limit + 1 })),
  );
  // With exactly as many rows as asked for there is a key to go on from, whether or not there are more.
  return { rows: items.slice(0, limit), complete: last === undefined && items.length <= limit };
}

/** The first `limit` rows that `accept` lets through; stops reading as soon as it has them. */
export async function queryFirst<T>(
  table: Table,
  query: RowQuery,
  wanted: { readonly limit: number; readonly accept?: (row: T) => boolean },
): Promise<readonly T[]> {
  const rows: T[] = [];
  for await (const page of queryPages(table, query)) {
    const read = page.rows as readonly T[];
    rows.push(...(wanted.accept === undefined ? read : read.filter(wanted.accept)));
    if (rows.length >= wanted.limit) return rows.slice(0, wanted.limit);
  }
  return rows;
}
