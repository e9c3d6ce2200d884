import type { Millis } from '../../domain/entities.ts';
import { CausewayError } from '../../domain/errors.ts';
import type { MessageId } from '../../domain/ids.ts';
import { EXPIRY } from '../../manifest/limits.ts';
import type { Claimed, ClaimKey, MessageStore } from '../../ports/stores.ts';
import { key } from './keys.ts';
import { getRow } from './read.ts';
import { isLive, toExpiry, type Expiring, type Table } from './table.ts';
import { putRowIf, updateRow } from './write.ts';

/** CLAIM#r#u / c */
interface ClaimRow extends Expiring {
  readonly messageId: MessageId;
  readonly claimedAt: Millis;
  /** told */
  readonly d?: true;
}

/** The row may be swept away between the refused write and the read; then the next write wins. */
const ATTEMPTS = 3;

/** AP-24 claims; AP-25 asks who was first, only when somebody was. An SDK retry of our own write finds our own id. */
export async function claim(table: Table, wanted: Parameters<MessageStore['claim']>[0]): Promise<Claimed> {
  const { roomId, userId, clientMessageId, messageId, at } = wanted;
  const row = key.claim(roomId, userId, clientMessageId);
  const expiresAt = toExpiry(at + EXPIRY.clientMessageIdSeconds * 1_000);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const outcome = await putRowIf(
      table,
      { ...row, messageId, claimedAt: at, expiresAt },
      { expression: 'attribute_not_exists(pk) OR expiresAt <= :now', values: { ':now': at / 1_000 } },
    );
    if (outcome === 'stored') return { messageId, at };
    const winner = await claimed(table, wanted, at);
    if (winner !== undefined) return winner;
  }
  throw new CausewayError('unavailable', 'The service is busy; try again');
}

/** AP-25. */
export async function claimed(
  table: Table,
  { roomId, userId, clientMessageId }: ClaimKey,
  at: Millis,
): Promise<Claimed | undefined> {
  const row = await getRow<ClaimRow>(table, key.claim(roomId, userId, clientMessageId), 'strong');
  if (row === undefined || !isLive(row, at)) return undefined;
  return { messageId: row.messageId, at: row.claimedAt, ...(row.d === undefined ? {} : { told: row.d }) };
}

/** AP-87. */
export async function told(table: Table, { roomId, userId, clientMessageId }: ClaimKey): Promise<void> {
  await updateRow(table, key.claim(roomId, userId, clientMessageId), {
    UpdateExpression: 'SET d = :true',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':true': true },
  });
}
