import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { CausewayError } from '../../domain/errors.ts';
import { sleep } from '../system/sleep.ts';
import { guarded } from './errors.ts';
import type { Key } from './keys.ts';
import type { Table } from './table.ts';

/** Most keys of one BatchGetItem (AWS "API_BatchGetItem"). */
const KEYS_PER_CALL = 100;
const ROUNDS = 6;
const FIRST_PAUSE_MS = 20;

/** The rows that exist, in no order; strongly consistent. Repeated keys are asked for once: DynamoDB refuses duplicates. */
export async function batchGetRows<T>(table: Table, keys: readonly Key[]): Promise<readonly T[]> {
  const distinct = [...new Map(keys.map((key) => [`${key.pk} ${key.sk}`, key])).values()];
  const chunks: Key[][] = [];
  for (let at = 0; at < distinct.length; at += KEYS_PER_CALL)
    chunks.push(distinct.slice(at, at + KEYS_PER_CALL));
  const answers = await Promise.all(chunks.map((chunk) => getChunk<T>(table, chunk)));
  return answers.flat();
}

/** An answer above 16 MB, or a throttled key, comes back as UnprocessedKeys: the caller has to ask again, slower. */
async function getChunk<T>(table: Table, chunk: readonly Key[]): Promise<readonly T[]> {
  const rows: T[] = [];
  let wanted: readonly Key[] = chunk;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round > 0) await sleep(FIRST_PAUSE_MS * 2 ** round * Math.random());
    const request = { [table.tableName]: { Keys: [...wanted], ConsistentRead: true } };
    const answer = await guarded(table.client.send(new BatchGetCommand({ RequestItems: request })));
    rows.push(...((answer.Responses?.[table.tableName] ?? []) as T[]));
    wanted = (answer.UnprocessedKeys?.[table.tableName]?.Keys ?? []) as Key[];
    if (wanted.length === 0) return rows;
  }
  throw new CausewayError('unavailable', 'The service is busy; try again');
}
