import type { ThrottleStore } from '../../ports/stores.ts';
import { key } from './keys.ts';
import type { Table } from './table.ts';
import { updateRow } from './write.ts';

/** AP-42: one atomic ADD counts and answers; TTL sweeps the window away after it has passed. */
export function createThrottleStore(table: Table): ThrottleStore {
  return {
    hit: async (name, { seconds, at }) => {
      const start = Math.floor(at / 1_000 / seconds) * seconds;
      const row = await updateRow<{ n: number }>(table, key.throttle(name, start), {
        UpdateExpression: 'ADD n :one SET expiresAt = :end',
        ExpressionAttributeValues: { ':one': 1, ':end': start + 2 * seconds },
        ReturnValues: 'UPDATED_NEW',
      });
      return row === 'refused' ? 1 : (row.n ?? 1);
    },
  };
}
