/**
 * Everything that can go wrong and that a client may be told. Closed: each dialect and transport maps every code
 * through a `satisfies Record<ErrorCode, …>` table, so a new code does not compile until every edge has words for it.
 */
export type ErrorCode =
  | 'invalid_json' // the frame or body is not JSON, or not an object
  | 'invalid_field' // a field is missing, of the wrong type, too long …; `field` names it
  | 'unknown_action'
  | 'token_missing'
  | 'token_invalid'
  | 'token_expired'
  | 'user_not_found'
  | 'invalid_credentials'
  | 'not_participant' // the room does not exist, or the caller is not in it: one answer for both, so rooms cannot be enumerated
  | 'not_found'
  | 'forbidden'
  | 'email_taken'
  | 'too_large'
  | 'rate_limited'
  | 'unavailable' // AWS throttled or failed; safe to retry
  | 'internal';

export interface ErrorDetail {
  /** The offending field, as a path: `content`, `participantIds.0`. */
  readonly field?: string;
  /** When to try again, for `rate_limited`. */
  readonly retryAfterSeconds?: number;
}

/** What an error says to a client. Plain data, so that codecs can return it. */
export interface ErrorInfo extends ErrorDetail {
  readonly code: ErrorCode;
  /** For people; never contains internal text, ids of others or stack traces. */
  readonly message: string;
}

/** The one error class. Thrown by use cases, translated at the edges (wire, http, compat). */
export class CausewayError extends Error implements ErrorInfo {
  override readonly name = 'CausewayError';
  readonly code: ErrorCode;
  readonly field?: string;
  readonly retryAfterSeconds?: number;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail & { cause?: unknown } = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    if (detail.field !== undefined) this.field = detail.field;
    if (detail.retryAfterSeconds !== undefined) this.retryAfterSeconds = detail.retryAfterSeconds;
  }
}
