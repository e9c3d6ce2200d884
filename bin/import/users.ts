import * as v from 'valibot';

import { isPasswordHash } from '../../lambdas/adapters/auth/password.ts';
import { inChunks } from '../../lambdas/adapters/dynamodb/in-chunks.ts';
import { key } from '../../lambdas/adapters/dynamodb/keys.ts';
import { getRow } from '../../lambdas/adapters/dynamodb/read.ts';
import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';
import { profileAttributes } from '../../lambdas/adapters/dynamodb/user-rows.ts';
import { putRowIf } from '../../lambdas/adapters/dynamodb/write.ts';
import type { User } from '../../lambdas/domain/entities.ts';
import type { Email, UserId } from '../../lambdas/domain/ids.ts';
import {
  displayNameField,
  emailField,
  instantField,
  lineOf,
  roleField,
  userIdField,
  usernameField,
} from './fields.ts';
import { fillIn } from './fill-in.ts';
import type { Importer } from './importer.ts';
import { patiently } from './patiently.ts';

const HASH = 'must be a hash as Causeway makes them: $scrypt$ln=<log2 N>,r=8,p=1$<salt>$<hash>';

const userLine = v.pipe(
  lineOf({
    id: userIdField,
    username: usernameField,
    email: v.exactOptional(emailField),
    displayName: v.exactOptional(displayNameField),
    role: v.exactOptional(roleField),
    createdAt: instantField,
    passwordHash: v.exactOptional(v.pipe(v.string('must be a string'), v.check(isPasswordHash, HASH))),
  }),
  v.forward(
    v.partialCheck(
      [['email'], ['passwordHash']],
      ({ email, passwordHash }) => passwordHash === undefined || email !== undefined,
      'needs an email: accounts sign in with it',
    ),
    ['passwordHash'],
  ),
);
type UserLine = v.InferOutput<typeof userLine>;

export const userImporter: Importer<UserLine> = { schema: userLine, write: writeUsers, atOnce: 2 };

async function writeUsers(
  table: Table,
  users: readonly UserLine[],
): Promise<readonly (string | undefined)[]> {
  const reasons: (string | undefined)[] = users.map(() => undefined);
  await inChunks([...users.entries()], async ([index, user]) => {
    reasons[index] = await patiently(() => writeUser(table, user));
  });
  return reasons;
}

/** The account first: an address that is somebody else's leaves nothing behind. */
async function writeUser(table: Table, line: UserLine): Promise<string | undefined> {
  const { passwordHash, createdAt, ...rest } = line;
  const user: User = { ...rest, createdAt: createdAt.ms };
  if (passwordHash !== undefined && user.email !== undefined) {
    const account = { userId: user.id, passwordHash };
    if (!(await claimAddress(table, user.email, account))) return 'email is the account of another user.';
  }
  await fillIn(table, key.profile(user.id), profileAttributes(user));
  return undefined;
}

/** An account that is there keeps its password: it may have been changed since. */
async function claimAddress(
  table: Table,
  email: Email,
  account: { readonly userId: UserId; readonly passwordHash: string },
): Promise<boolean> {
  const row = key.account(email);
  const outcome = await putRowIf(table, { ...row, ...account }, { expression: 'attribute_not_exists(pk)' });
  if (outcome === 'stored') return true;
  return (await getRow<{ readonly userId: UserId }>(table, row, 'strong'))?.userId === account.userId;
}
