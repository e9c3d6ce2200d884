import { randomBytes } from 'node:crypto';
import { DeleteCommand, PutCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { guarded, unlessRefused } from './errors.ts';
import type { Key } from './keys.ts';
import type { Table } from './table.ts';

export type Row = Key & { readonly [attribute: string]: unknown };

/** Replaces the row if it is there: safe to repeat. */
export async function putRow(table: Table, row: Row): Promise<void> {
  await guarded(table.client.send(new PutCommand({ TableName: table.tableName, Item: row })));
}

export interface Condition {
  readonly expression: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

export async function putRowIf(table: Table, row: Row, condition: Condition): Promise<'stored' | 'refused'> {
  const put = new PutCommand({
    TableName: table.tableName,
    Item: row,
    ConditionExpression: condition.expression,
    ExpressionAttributeValues: condition.values,
  });
  return (await unlessRefused(table.client.send(put))) === 'refused' ? 'refused' : 'stored';
}

/**
 * Stores a row unless one with its key exists. `w` names this very call: when an answer is lost and the SDK repeats
 * the request, the row it finds is its own and it still learns `stored`. Without it such a message would be stored
 * and never delivered.
 */
export async function putOnce(table: Table, row: Row): Promise<'stored' | 'exists'> {
  const w = randomBytes(6).toString('base64url');
  const outcome = await putRowIf(
    table,
    { ...row, w },
    { expression: 'attribute_not_exists(pk) OR w = :w', values: { ':w': w } },
  );
  return outcome === 'refused' ? 'exists' : 'stored';
}

export type RowUpdate = Omit<UpdateCommandInput, 'TableName' | 'Key'>;

/** The attributes asked for with `ReturnValues`; `refused` when the condition did not hold. */
export async function updateRow<T = unknown>(
  table: Table,
  key: Key,
  update: RowUpdate,
): Promise<Partial<T> | 'refused'> {
  const command = new UpdateCommand({ TableName: table.tableName, Key: key, ...update });
  const answer = await unlessRefused(table.client.send(command));
  return answer === 'refused' ? answer : ((answer.Attributes ?? {}) as Partial<T>);
}

/** Idempotent. */
export async function deleteRow(table: Table, key: Key): Promise<void> {
  await guarded(table.client.send(new DeleteCommand({ TableName: table.tableName, Key: key })));
}

/**
 * Deletes the row and answers it as it was; of several callers exactly one gets it. The condition is what makes that
 * hold on DynamoDB Local too, which hands ALL_OLD of an unconditional delete to more than one of racing callers.
 */
export async function takeRow<T>(
  table: Table,
  key: Key,
  condition: Condition = { expression: 'attribute_exists(pk)' },
): Promise<T | undefined> {
  const command = new DeleteCommand({
    TableName: table.tableName,
    Key: key,
    ConditionExpression: condition.expression,
    ExpressionAttributeValues: condition.values,
    ReturnValues: 'ALL_OLD',
  });
  const answer = await unlessRefused(table.client.send(command));
  return answer === 'refused' ? undefined : (answer.Attributes as T | undefined);
}
