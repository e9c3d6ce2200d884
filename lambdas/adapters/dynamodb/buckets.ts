import type { Millis } from '../../domain/entities.ts';
import { CausewayError } from '../../domain/errors.ts';
import type { BucketStore, Spending } from '../../ports/buckets.ts';
import { key } from './keys.ts';
import { toExpiry, type Table } from './table.ts';
import { updateRow } from './write.ts';

/** `t`: when the bucket will be full. */
interface BucketRow {
  readonly t: number;
}

/** Between two calls the bucket may fill, or stop being full; hardly twice in a row. */
const TRIES = 4;

/**
 * An expression has no maximum, so "from `t` or from now, whichever is later" is two requests, one for each, and the caller
 * mostly knows which: AP-83 for a bucket that is not full, AP-84 for one that is.
 */
export function createBucketStore(table: Table): BucketStore {
  return {
    async spend(name, spending) {
      let notFull = spending.notFull;
      for (let tries = 0; tries < TRIES; tries++, notFull = !notFull) {
        const fullAt = notFull ? await add(table, name, spending) : await start(table, name, spending);
        if (fullAt !== 'refused') return fullAt;
        // Of a bucket that is surely not full there is only one reason to refuse; else the second answer is the true one.
        if (spending.until !== undefined && (spending.notFull || tries > 0)) return 'refused';
      }
      throw new CausewayError('unavailable', 'A token bucket could not be written.');
    },
  };
}

/** AP-83 */
async function add(
  table: Table,
  name: string,
  { at, ms, until, expiresAt }: Spending,
): Promise<Millis | 'refused'> {
  const row = await updateRow<BucketRow>(table, key.bucket(name), {
    UpdateExpression: 'SET t = t + :ms, expiresAt = :end',
    ConditionExpression: until === undefined ? 't > :at' : 't > :at AND t <= :most',
    ExpressionAttributeValues: {
      ':at': at,
      ':ms': ms,
      ':end': toExpiry(expiresAt),
      ...(until === undefined ? {} : { ':most': until - ms }),
    },
    ReturnValues: 'UPDATED_NEW',
  });
  return row === 'refused' ? row : (row.t ?? at + ms);
}

/** AP-84 */
async function start(
  table: Table,
  name: string,
  { at, ms, until, expiresAt }: Spending,
): Promise<Millis | 'refused'> {
  const fullAt = at + ms;
  if (until !== undefined && fullAt > until) return 'refused';
  const row = await updateRow<BucketRow>(table, key.bucket(name), {
    UpdateExpression: 'SET t = :full, expiresAt = :end',
    ConditionExpression: 'attribute_not_exists(t) OR t <= :at',
    ExpressionAttributeValues: { ':at': at, ':full': fullAt, ':end': toExpiry(expiresAt) },
  });
  return row === 'refused' ? row : fullAt;
}
