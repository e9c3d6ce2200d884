import type { Identity } from '../../domain/entities.ts';
import { CausewayError } from '../../domain/errors.ts';
import type { Email } from '../../domain/ids.ts';
import { parseUserId } from '../../domain/ids.ts';
import { ACCOUNT } from '../../manifest/limits.ts';

/** The payload of a token whose signature, issuer, audience and times have been verified. */
export type Claims = Readonly<Record<string, unknown>>;

const USER_ID = ['sub', 'user_id', 'userId', 'id'] as const;
const USERNAME = ['username', 'name', 'displayName'] as const;

export const tokenMissing = (): CausewayError => new CausewayError('token_missing', 'Token missing');
export const tokenExpired = (): CausewayError => new CausewayError('token_expired', 'Token expired');
/** One text for every reason: what exactly is wrong with a token is of use to forgers only. The log has the cause. */
export const tokenInvalid = (cause?: unknown): CausewayError =>
  new CausewayError('token_invalid', 'Token invalid', { cause });

/** Who made a token. */
interface Origin {
  readonly builtIn: boolean;
  /** Of an external issuer, as configured. */
  readonly userIdPrefix?: string | undefined;
}

/**
 * Who a token speaks for: user id from the first of `sub`, `user_id`, `userId`, `id` that is present (numbers become
 * strings); name from `username`, `name`, `displayName`, else the user id; `role`, or the first of `roles`. Texts that
 * are too long are cut, not refused: they are the issuer's business.
 */
export function identityOf(claims: Claims, { builtIn, userIdPrefix = '' }: Origin): Identity {
  const id = first(claims, USER_ID);
  const named = typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : id;
  const userId = parseUserId(typeof named === 'string' && named !== '' ? userIdPrefix + named : named);
  const expires = claims['exp'];
  if (userId === undefined || typeof expires !== 'number') throw tokenInvalid();
  const username = text(first(claims, USERNAME), ACCOUNT.usernameChars) ?? userId;
  const email = text(claims['email'], ACCOUNT.emailChars)?.trim().toLowerCase() as Email | undefined;
  const displayName = text(claims['displayName'], ACCOUNT.displayNameChars);
  const role = text(roleIn(claims), ACCOUNT.usernameChars);
  return {
    userId,
    username,
    ...(email === undefined ? {} : { email }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(role === undefined ? {} : { role }),
    expiresAt: expires * 1_000,
    builtIn,
  };
}

function first(claims: Claims, names: readonly string[]): unknown {
  return names
    .map((name) => claims[name])
    .find((value) => value !== undefined && value !== null && value !== '');
}

function roleIn(claims: Claims): unknown {
  const roles = claims['roles'];
  return claims['role'] ?? (Array.isArray(roles) ? roles[0] : roles);
}

function text(value: unknown, maxChars: number): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, maxChars) : undefined;
}
