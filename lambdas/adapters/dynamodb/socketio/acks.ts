import type { AckStore } from '../../../ports/socketio.ts';
import { key, partition, type Key } from '../keys.ts';
import { queryAll } from '../read.ts';
import { isLive, toExpiry, type Expiring, type Table } from '../table.ts';
import { putRowIf } from '../write.ts';

/** IOACK#n#a / i */
interface AckRow extends Key, Expiring {
  /** Arguments, JSON. */
  readonly a: string;
}

export function createAckStore(table: Table): AckStore {
  return {
    // AP-66
    answer: async ({ nsp, id }, { socketId, args }, expiresAt) => {
      const row = { ...key.ack(nsp, id, socketId), a: args, expiresAt: toExpiry(expiresAt) };
      await putRowIf(table, row, {
        expression: 'attribute_not_exists(pk) OR expiresAt <= :now',
        values: { ':now': table.now() / 1_000 },
      });
    },
    // AP-67. Strong: the caller waits for what was written a moment ago.
    answers: async ({ nsp, id }) => {
      const rows = await queryAll<AckRow>(table, {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': partition.acks(nsp, id) },
        ConsistentRead: true,
      });
      const now = table.now();
      return rows.filter((row) => isLive(row, now)).map((row) => ({ socketId: row.sk, args: row.a }));
    },
  };
}
