import type { Millis } from '../../domain/entities.ts';
import { EXPIRY } from '../../manifest/limits.ts';
import type { MailStore, Taken } from '../../ports/mail.ts';
import { key } from './keys.ts';
import { getRow } from './read.ts';
import { toExpiry, type Expiring, type Table } from './table.ts';
import { updateRow } from './write.ts';

/** MAIL#b / BAG */
interface BagRow extends Expiring {
  /** Who carries it, and until when. */
  readonly w: string;
  readonly l: Millis;
  readonly f?: number;
  readonly t?: number;
  /** When it was finished. */
  readonly d?: Millis;
}

export function createMailStore(table: Table): MailStore {
  return {
    take: (bag, run) => take(table, bag, run),
    // AP-81
    async note(bag, run, { from, to }) {
      const outcome = await updateRow(table, key.bag(bag), {
        UpdateExpression: 'SET f = :f, t = :t',
        ConditionExpression: 'w = :w',
        ExpressionAttributeValues: { ':f': from, ':t': to, ':w': run },
      });
      return outcome === 'refused' ? 'lost' : 'noted';
    },
    // AP-81
    async finish(bag, run, at) {
      await updateRow(table, key.bag(bag), {
        UpdateExpression: 'SET d = :at',
        ConditionExpression: 'w = :w',
        ExpressionAttributeValues: { ':at': at, ':w': run },
      });
    },
  };
}

/** AP-79; AP-80 tells why, after a refusal. An SDK retry of our own write finds our own name. */
async function take(
  table: Table,
  bag: string,
  { name, at, until }: Parameters<MailStore['take']>[1],
): Promise<Taken> {
  const before = await updateRow<BagRow>(table, key.bag(bag), {
    UpdateExpression: 'SET w = :w, l = :until, expiresAt = :end',
    ConditionExpression: 'attribute_not_exists(pk) OR w = :w OR (attribute_not_exists(d) AND l < :at)',
    ExpressionAttributeValues: {
      ':w': name,
      ':until': until,
      ':at': at,
      ':end': toExpiry(at + EXPIRY.mailSeconds * 1_000),
    },
    ReturnValues: 'ALL_OLD',
  });
  if (before !== 'refused') return { outcome: 'taken', from: before.f ?? 0, to: before.t ?? 0 };
  const row = await getRow<BagRow>(table, key.bag(bag), 'strong');
  return { outcome: row?.d === undefined ? 'busy' : 'done' };
}
