import type { ErrorCode, ErrorInfo } from '../../lambdas/domain/errors.ts';
import { ERROR_RULES } from '../../lambdas/domain/error-rules.ts';
import type { Log } from '../../lambdas/ports/runtime.ts';
import { describeError } from '../../lambdas/wire/json/disclosure.ts';

/** Reasons for which nobody is let in, as the documents spell them. */
const REASONS: Partial<Record<ErrorCode, string>> = {
  token_missing: 'Token missing',
  token_invalid: 'Token invalid',
  token_expired: 'Token expired',
  user_not_found: 'User not found',
};

/** What a client may be told of a failure. */
export function tellable(error: unknown): ErrorInfo {
  const told = describeError(error);
  const reason = REASONS[told.code];
  return reason === undefined ? told : { ...told, message: `Authentication failed: ${reason}` };
}

/** A client's mistake is no news; what is our fault is. */
export function logRefusal(log: Log, error: unknown, fields: Readonly<Record<string, unknown>>): void {
  const { code } = tellable(error);
  log[ERROR_RULES[code].logLevel]('a Socket.IO client was refused', { ...fields, code, error });
}
