import { BatchWriteCommand, type BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';

import { guarded } from '../../lambdas/adapters/dynamodb/errors.ts';
import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';
import type { Row } from '../../lambdas/adapters/dynamodb/write.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';
import { patiently } from './patiently.ts';

/** Most rows of one BatchWriteItem (AWS "API_BatchWriteItem"). */
const ROWS_PER_CALL = 25;

type Requests = NonNullable<BatchWriteCommandInput['RequestItems']>[string];

/** Puts rows, replacing what is there; of several with one key the last. What DynamoDB leaves unprocessed is sent again. */
export async function batchWrite(table: Table, rows: readonly Row[]): Promise<void> {
  // One key twice in a request is a ValidationException.
  const distinct = [...new Map(rows.map((row) => [`${row.pk} ${row.sk}`, row])).values()];
  const calls: Promise<void>[] = [];
  for (let at = 0; at < distinct.length; at += ROWS_PER_CALL)
    calls.push(putAll(table, distinct.slice(at, at + ROWS_PER_CALL)));
  await Promise.all(calls);
}

function putAll(table: Table, rows: readonly Row[]): Promise<void> {
  let waiting: Requests = rows.map((Item) => ({ PutRequest: { Item } }));
  return patiently(async () => {
    const command = new BatchWriteCommand({ RequestItems: { [table.tableName]: waiting } });
    const { UnprocessedItems } = await guarded(table.client.send(command));
    waiting = UnprocessedItems?.[table.tableName] ?? [];
    if (waiting.length > 0) throw new CausewayError('unavailable', 'DynamoDB is throttling');
  });
}
