import type { RoomStore } from '../../ports/stores.ts';
import { key, type Key } from './keys.ts';
import { getRow } from './read.ts';
import type { Table } from './table.ts';
import { updateRow } from './write.ts';

/**
 * AP-17: one conditional write both checks participation and keeps the receipt monotonic, so racing receipts cannot
 * move it backwards. AP-18 asks why only when it was refused.
 */
export async function advanceReceipt(
  table: Table,
  receipt: Parameters<RoomStore['advanceReceipt']>[0],
): Promise<'advanced' | 'not-newer' | 'not-participant'> {
  const row = key.participant(receipt.roomId, receipt.userId);
  const outcome = await updateRow(table, row, {
    UpdateExpression: 'SET r = :id, lastReadAt = :at',
    ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(r) OR r < :id)',
    ExpressionAttributeValues: { ':id': receipt.messageId, ':at': receipt.readAt },
  });
  if (outcome !== 'refused') return 'advanced';
  return (await getRow<Key>(table, row, 'strong')) === undefined ? 'not-participant' : 'not-newer';
}
