import { CausewayError } from '../domain/errors.ts';

/** What the AWS SDK attaches to its errors; everything is optional because network errors carry none of it. */
interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Names under which AWS services say "too fast", whatever the HTTP status (DynamoDB throttles with 400). */
const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'ThrottledException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'TooManyRequestsException',
  'LimitExceededException',
  'ReplicatedWriteConflictException',
  'TransactionConflictException',
]);

/** Names of errors that never reached a service: the SDK's own and Node's (`code`). */
const NETWORK = new Set([
  'TimeoutError',
  'AbortError',
  'RequestTimeout',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** HTTP status of an AWS answer, even of one whose body the SDK could not parse; undefined when there was none. */
export function httpStatus(error: unknown): number | undefined {
  return asSdkError(error).$metadata?.httpStatusCode;
}

/**
 * Turns what an SDK call threw into what a use case may see: `unavailable` for throttling, 5xx, network and timeouts
 * (all of them after the SDK's own three attempts), `internal` for everything that retrying cannot mend (AccessDenied,
 * ValidationException, our own bugs). The original is kept as `cause` for the log and never shown to a client.
 */
export function translateAwsError(error: unknown): CausewayError {
  if (error instanceof CausewayError) return error;
  return isTransient(error)
    ? new CausewayError('unavailable', 'The service is busy; try again', { cause: error })
    : new CausewayError('internal', 'Internal error', { cause: error });
}

function isTransient(error: unknown): boolean {
  const { name, code } = asSdkError(error);
  const status = httpStatus(error);
  if (status === 429 || (status !== undefined && status >= 500)) return true;
  if (name !== undefined && (THROTTLED.has(name) || NETWORK.has(name))) return true;
  return code !== undefined && NETWORK.has(code);
}

function asSdkError(error: unknown): SdkError {
  return typeof error === 'object' && error !== null ? error : {};
}
