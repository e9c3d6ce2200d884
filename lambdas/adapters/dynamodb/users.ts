import type { User } from '../../domain/entities.ts';
import type { Email } from '../../domain/ids.ts';
import type { Account, UserStore } from '../../ports/stores.ts';
import { batchGetRows } from './batch-get.ts';
import { key } from './keys.ts';
import { getRow } from './read.ts';
import type { Table } from './table.ts';
import { profileRow, userOf, type ProfileRow } from './user-rows.ts';
import { deleteRow, putRow, putRowIf } from './write.ts';

/** Strong reads throughout: a login right after a registration must find it, and none of this is on a socket's hot path. */
export function createUserStore(table: Table): UserStore {
  return {
    register: (user, passwordHash) => register(table, user, passwordHash),
    // AP-04
    account: async (email) => {
      const row = await getRow<Account>(table, key.account(email), 'strong');
      return row && { userId: row.userId, passwordHash: row.passwordHash };
    },
    // AP-05
    get: async (userId) => {
      const row = await getRow<ProfileRow>(table, key.profile(userId), 'strong');
      return row && userOf(row);
    },
    // AP-06
    getMany: async (userIds) => (await batchGetRows<ProfileRow>(table, userIds.map(key.profile))).map(userOf),
  };
}

/**
 * The profile goes first: should the process die before the claim, an orphan that nobody can sign in to is harmless,
 * an account without a profile is not.
 */
async function register(
  table: Table,
  user: User & { readonly email: Email },
  passwordHash: string,
): Promise<'created' | 'email-taken'> {
  await putRow(table, profileRow(user)); // AP-01
  // AP-02. Our own id in the row: the SDK repeated a request whose answer was lost, and the address is ours.
  const claim = await putRowIf(
    table,
    { ...key.account(user.email), userId: user.id, passwordHash },
    { expression: 'attribute_not_exists(pk) OR userId = :me', values: { ':me': user.id } },
  );
  if (claim === 'stored') return 'created';
  await deleteRow(table, key.profile(user.id)); // AP-03
  return 'email-taken';
}
