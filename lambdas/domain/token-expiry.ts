import { ACCOUNT } from '../manifest/limits.ts';
import type { Millis } from './entities.ts';

/** Whether a token that was valid at $connect has run out since; the same leeway for clock skew as when it was verified. */
export function isTokenExpired(expiresAt: Millis, at: Millis): boolean {
  return at > expiresAt + ACCOUNT.clockSkewSeconds * 1000;
}
