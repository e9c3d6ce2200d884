import type { Millis } from '../../domain/entities.ts';
import { CausewayError } from '../../domain/errors.ts';
import type { MessageId } from '../../domain/ids.ts';
import { EXPIRY } from '../../manifest/limits.ts';
import type { MessageStore } from '../../ports/stores.ts';
import { key } from './keys.ts';
import { getRow } from './read.ts';
import { isLive, toExpiry, type Expiring, type Table } from './table.ts';
import { putRowIf } from './write.ts';

/** CLAIM#r#u / c */
interface ClaimRow extends Expiring {
  readonly messageId: MessageId;
  readonly claimedAt: Millis;
}

/** The row may be swept away between the refused write and the read; then the next write wins. */
const ATTEMPTS = 3;

/** AP-24 claims; AP-25 asks who was first, only when somebody was. An SDK retry of our own write finds our own id. */
export async function claim(
  table: Table,
  wanted: Parameters<MessageStore['claim']>[0],
): Promise<{ readonly messageId: MessageId; readonly at: Millis }> {
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
    const winner = await getRow<ClaimRow>(table, row, 'strong');
    if (winner !== undefined && isLive(winner, at))
      return { messageId: winner.messageId, at: winner.claimedAt };
  }
  throw new CausewayError('unavailable', 'The service is busy; try again');
}
