import type { ErrorCode, ErrorInfo } from '../../domain/errors.ts';
import { CausewayError } from '../../domain/errors.ts';

export interface Disclosure {
  /** `own`: the error's message, written for clients. Otherwise this text instead: such an error may speak of our insides. */
  readonly message: 'own' | { readonly text: string };
  /** Whether the native protocol closes the connection after the error frame. */
  readonly closes: boolean;
}

const TOLD = { message: 'own', closes: false } as const;

/** What each code tells a client; retryability and log levels are the domain's (domain/error-rules.ts). */
export const DISCLOSURE = {
  invalid_json: TOLD,
  invalid_field: TOLD,
  unknown_action: TOLD,
  too_large: TOLD,
  token_missing: TOLD,
  token_invalid: TOLD,
  token_expired: { message: 'own', closes: true },
  user_not_found: TOLD,
  invalid_credentials: TOLD,
  not_participant: TOLD,
  not_found: TOLD,
  forbidden: TOLD,
  email_taken: TOLD,
  rate_limited: TOLD,
  unavailable: { message: { text: 'The service is busy. Try again in a moment.' }, closes: false },
  internal: { message: { text: 'Something went wrong on our side.' }, closes: false },
} as const satisfies Record<ErrorCode, Disclosure>;

/** What a client may be told about anything that was thrown. Whatever is not a CausewayError is our own fault: `internal`. */
export function describeError(thrown: unknown): ErrorInfo {
  return disclose(thrown instanceof CausewayError ? thrown : { code: 'internal', message: '' });
}

/** Keeps the fields meant for clients, and replaces the messages that are not. */
export function disclose(error: ErrorInfo): ErrorInfo {
  const { message }: Disclosure = DISCLOSURE[error.code];
  return {
    code: error.code,
    message: message === 'own' ? error.message : message.text,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
  };
}
