import type { Identity, User } from '../domain/entities.ts';

export interface Authenticator {
  /** Rejects with CausewayError `token_missing`, `token_invalid` or `token_expired`. `token` may carry a `Bearer ` prefix. */
  verify(token: string | undefined): Promise<Identity>;
}

export interface TokenIssuer {
  /** A signed token of the built-in issuer for this user. */
  issue(user: User): Promise<string>;
}

/** scrypt with a per-user salt; the string carries algorithm, parameters, salt and hash. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Constant-time. With `undefined` (no such account) it does the same work and answers false. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}
