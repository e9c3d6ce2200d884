import type { Identity, Millis, User } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import { userOf } from '../domain/identity.ts';
import type { Deps } from './deps.ts';

/**
 * The caller's own profile. Users of external issuers have none until they first connect; then it is what the token says.
 * Rejects with `user_not_found` when the token is of the built-in issuer and its user does not exist (any more).
 */
export async function getMe(
  deps: Pick<Deps, 'users'>,
  { identity, at }: { readonly identity: Identity; readonly at: Millis },
): Promise<User> {
  const user = await deps.users.get(identity.userId);
  if (user !== undefined) return user;
  if (identity.builtIn) throw new CausewayError('user_not_found', 'User not found.');
  return userOf(identity, at);
}
