import type { Millis } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import { checkEmail } from '../domain/text-rules.ts';
import type { Account } from '../ports/stores.ts';
import type { Deps } from './deps.ts';
import type { SignedIn } from './register.ts';
import type { Attempt } from './throttle.ts';
import { throttle } from './throttle.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Where the request came from, for throttling. */
  readonly address: string;
  readonly at: Millis;
}

type LoginDeps = Pick<Deps, 'users' | 'hasher' | 'issuer' | 'throttle' | 'limits' | 'log'>;

/**
 * Signs a user in. Attempts are counted per e-mail address and per source address before the costly hash, so that
 * guessing is bounded and cheap to refuse. An unknown address costs the same work as a wrong password and gets the same answer.
 * Rejects with `rate_limited`, `invalid_credentials`.
 */
export async function login(deps: LoginDeps, input: Credentials): Promise<SignedIn> {
  const email = checkEmail(input.email);
  const known = email.ok ? email.value : undefined;
  await throttle(deps, attemptsOf(deps, input.address, known), input.at);
  const account = known === undefined ? undefined : await deps.users.account(known);
  const matches = await deps.hasher.verify(input.password, account?.passwordHash);
  return signIn(deps, matches ? account : undefined);
}

async function signIn(deps: LoginDeps, account: Account | undefined): Promise<SignedIn> {
  const user = account === undefined ? undefined : await deps.users.get(account.userId);
  if (user === undefined)
    throw new CausewayError('invalid_credentials', 'E-mail address or password is wrong.');
  return { token: await deps.issuer.issue(user), user };
}

/** What cannot be an address has no account to protect, and is too long for a key. */
function attemptsOf({ limits }: LoginDeps, address: string, email: string | undefined): readonly Attempt[] {
  const perAddress = { key: `login-address:${address}`, allowed: limits.loginsPerAddress };
  if (email === undefined) return [perAddress];
  return [perAddress, { key: `login-email:${email}`, allowed: limits.loginsPerEmail }];
}
