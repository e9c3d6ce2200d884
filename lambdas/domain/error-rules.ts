import type { ErrorCode } from './errors.ts';

export interface ErrorRule {
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /**
   * A client's mistake is news for nobody (`debug`); a refusal may be an attack (`info`); ours wake somebody up (`error`). A
   * flood must not fill the log: who refuses for too much says so there, and not each time.
   */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export const ERROR_RULES = {
  invalid_json: { retryable: false, logLevel: 'debug' },
  invalid_field: { retryable: false, logLevel: 'debug' },
  unknown_action: { retryable: false, logLevel: 'debug' },
  token_missing: { retryable: false, logLevel: 'info' },
  token_invalid: { retryable: false, logLevel: 'info' },
  token_expired: { retryable: false, logLevel: 'debug' },
  user_not_found: { retryable: false, logLevel: 'info' },
  invalid_credentials: { retryable: false, logLevel: 'info' },
  not_participant: { retryable: false, logLevel: 'info' },
  not_found: { retryable: false, logLevel: 'debug' },
  forbidden: { retryable: false, logLevel: 'info' },
  email_taken: { retryable: false, logLevel: 'debug' },
  too_large: { retryable: false, logLevel: 'debug' },
  rate_limited: { retryable: true, logLevel: 'debug' },
  unavailable: { retryable: true, logLevel: 'warn' },
  internal: { retryable: false, logLevel: 'error' },
} as const satisfies Record<ErrorCode, ErrorRule>;
