import type { Millis, User } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { Email } from '../domain/ids.ts';
import type { Result } from '../domain/result.ts';
import { checkDisplayName, checkEmail, checkPassword, checkUsername } from '../domain/text-rules.ts';
import type { Deps } from './deps.ts';
import { invalidField } from './refusals.ts';
import { throttle } from './throttle.ts';

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly username: string;
  readonly displayName?: string;
  /** Where the request came from, for throttling. */
  readonly address: string;
  readonly at: Millis;
}

/** What register and login answer: the same token that sockets take. */
export interface SignedIn {
  readonly token: string;
  readonly user: User;
}

/**
 * Creates an account. E-mail addresses are unique, usernames need not be.
 * Rejects with `invalid_field`, `rate_limited` (registrations per source address), `email_taken`.
 */
export async function register(
  deps: Pick<Deps, 'users' | 'ids' | 'hasher' | 'issuer' | 'throttle' | 'limits' | 'log'>,
  input: Registration,
): Promise<SignedIn> {
  const password = valid('password', checkPassword(input.password));
  const user = newUser(deps, input);
  const { registrationsPerAddress: allowed } = deps.limits;
  await throttle(deps, [{ key: `register-address:${input.address}`, allowed }], input.at);
  const outcome = await deps.users.register(user, await deps.hasher.hash(password));
  if (outcome === 'email-taken') {
    throw new CausewayError('email_taken', 'This e-mail address has an account already.', { field: 'email' });
  }
  return { token: await deps.issuer.issue(user), user };
}

function newUser({ ids }: Pick<Deps, 'ids'>, input: Registration): User & { readonly email: Email } {
  const { displayName, at } = input;
  return {
    id: ids.user(at),
    email: valid('email', checkEmail(input.email)),
    username: valid('username', checkUsername(input.username)),
    ...(displayName === undefined
      ? {}
      : { displayName: valid('displayName', checkDisplayName(displayName)) }),
    createdAt: at,
  };
}

function valid<T>(field: string, checked: Result<T, string>): T {
  if (checked.ok) return checked.value;
  throw invalidField(field, checked.error);
}
