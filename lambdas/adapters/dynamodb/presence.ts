import { randomBytes } from 'node:crypto';
import type { Millis } from '../../domain/entities.ts';
import type { UserId } from '../../domain/ids.ts';
import { shardOf } from '../../domain/shard.ts';
import { SWEEP } from '../../manifest/limits.ts';
import type { OnlineUser, Presence, PresenceStore, Turn } from '../../ports/presence.ts';
import { key, partition, type Key } from './keys.ts';
import { getRow, queryPages } from './read.ts';
import type { Table } from './table.ts';
import { presenceOf, type PresenceMark, type ProfileRow } from './user-rows.ts';
import { putRow, takeRow, updateRow } from './write.ts';

/** SWEEP#online#g / u */
interface OnlineRow extends Key {
  readonly a: Millis;
  readonly w: string;
}

/** The mark is an attribute of the profile, so that one write of a connect says what it is. */
export function createPresenceStore(table: Table): PresenceStore {
  return {
    // AP-70
    get: async (userId) => {
      const row = await getRow<ProfileRow>(table, key.profile(userId), 'strong');
      return row && presenceOf(row);
    },
    turn: (was, next) => turn(table, was, next),
    online: (ring) => online(table, ring),
    strike: (user) => strike(table, user),
  };
}

/** AP-71, an entry of the list before it (AP-72) and gone after it (AP-73). */
async function turn(table: Table, was: Presence, next: Turn): Promise<Presence | 'changed'> {
  const { userId } = was;
  const w = randomBytes(6).toString('base64url');
  // Whoever was not listed, or is about to be struck out, gets an entry that only its own end removes.
  const isNew = next.stage === 'arriving' && was.stage !== 'arriving';
  const mark = isNew ? w : was.mark;
  if (isNew) await putRow(table, { ...onlineKey(userId), a: next.at, w });
  const stored: PresenceMark = { s: next.stage, a: next.at, w, ...(mark === undefined ? {} : { m: mark }) };
  if ((await compareAndSet(table, was, { stored, lastSeenAt: next.lastSeenAt })) === 'refused')
    return 'changed';
  if (next.stage === 'offline' && mark !== undefined) await strike(table, { userId, mark });
  const { lastSeenAt = was.lastSeenAt } = next;
  return {
    ...was,
    stage: next.stage,
    since: next.at,
    version: w,
    ...(mark === undefined ? {} : { mark }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
  };
}

/** That the SDK repeats a request whose answer was lost shows by its own `w`. */
async function compareAndSet(
  table: Table,
  was: Presence,
  { stored, lastSeenAt }: { readonly stored: PresenceMark; readonly lastSeenAt: Millis | undefined },
): Promise<'stored' | 'refused'> {
  const same = was.version === '' ? 'attribute_not_exists(p)' : 'p.w = :was';
  const connects = was.connects === 0 ? 'attribute_not_exists(connects)' : 'connects = :connects';
  const isLeaving = stored.s === 'leaving';
  const outcome = await updateRow(table, key.profile(was.userId), {
    UpdateExpression: `SET p = :p${lastSeenAt === undefined ? '' : ', lastSeenAt = :seen'}`,
    ConditionExpression: `attribute_exists(pk) AND ((${same}${isLeaving ? ` AND ${connects}` : ''}) OR p.w = :w)`,
    ExpressionAttributeValues: {
      ':p': stored,
      ':w': stored.w,
      ...(was.version === '' ? {} : { ':was': was.version }),
      ...(isLeaving && was.connects > 0 ? { ':connects': was.connects } : {}),
      ...(lastSeenAt === undefined ? {} : { ':seen': lastSeenAt }),
    },
  });
  return outcome === 'refused' ? 'refused' : 'stored';
}

/** AP-74 */
async function* online(table: Table, ring: number): AsyncGenerator<readonly OnlineUser[]> {
  const pages = queryPages(table, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': partition.swept('online', ring) },
  });
  for await (const { rows } of pages)
    yield (rows as readonly OnlineRow[]).map(({ sk, a, w }) => ({ userId: sk as UserId, since: a, mark: w }));
}

/** AP-73 */
async function strike(table: Table, { userId, mark }: Pick<OnlineUser, 'userId' | 'mark'>): Promise<void> {
  await takeRow(table, onlineKey(userId), { expression: 'w = :w', values: { ':w': mark } });
}

function onlineKey(userId: UserId): Key {
  return key.swept('online', shardOf(userId, SWEEP.rings), userId);
}
