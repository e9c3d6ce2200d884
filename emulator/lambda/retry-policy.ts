import type { InvokeOutcome, Stack } from '../types.ts';

/** "How Lambda handles errors and retries with asynchronous invocation" (Lambda Developer Guide). */
export interface RetryPolicy {
  /** After function errors; throttled events are retried until they are too old. Default 2. */
  readonly attempts: number;
  /** Default 6 hours. */
  readonly maximumAgeMs: number;
}

interface EventInvokeConfigProperties {
  readonly FunctionName?: string;
  readonly Qualifier?: string;
  readonly MaximumRetryAttempts?: number | string;
  readonly MaximumEventAgeInSeconds?: number | string;
}

const ATTEMPTS = 2;
const MAXIMUM_AGE_SECONDS = 6 * 3600;
/** "A one-minute wait between the first two attempts, and two minutes between the second and third attempts." */
const ERROR_WAITS_MS = [60_000, 120_000];
/** "Increases exponentially from 1 second after the first attempt to a maximum of 5 minutes." */
const THROTTLE_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;

/** The policy of one function, from its AWS::Lambda::EventInvokeConfig if it has one. */
export function retryPolicyOf(stack: Stack, functionName: string): RetryPolicy {
  const config = stack
    .ofType<EventInvokeConfigProperties>('AWS::Lambda::EventInvokeConfig')
    .find(({ properties }) => properties.FunctionName === functionName)?.properties;
  return {
    attempts: Number(config?.MaximumRetryAttempts ?? ATTEMPTS),
    maximumAgeMs: Number(config?.MaximumEventAgeInSeconds ?? MAXIMUM_AGE_SECONDS) * 1000,
  };
}

export interface Tries {
  /** That ended in a function error. */
  readonly errors: number;
  /** That found no free concurrency. */
  readonly throttles: number;
}

/** How long to wait before the next attempt; undefined when there is none. `tries` includes the one that has just ended. */
export function waitBeforeRetry(
  policy: RetryPolicy,
  outcome: InvokeOutcome,
  tries: Tries,
): number | undefined {
  if (isThrottle(outcome)) return Math.min(LONGEST_WAIT_MS, THROTTLE_WAIT_MS * 2 ** (tries.throttles - 1));
  if (!isFunctionError(outcome) || tries.errors > policy.attempts) return undefined;
  return ERROR_WAITS_MS[Math.min(tries.errors, ERROR_WAITS_MS.length) - 1];
}

export function isThrottle(outcome: InvokeOutcome): boolean {
  return outcome.kind === 'error' && outcome.errorType === 'TooManyRequestsException';
}

/** Not: a function that isn't there, an emulator that is being closed. */
function isFunctionError(outcome: InvokeOutcome): boolean {
  if (outcome.kind === 'timeout') return true;
  return (
    outcome.kind === 'error' &&
    outcome.errorType !== 'ResourceNotFoundException' &&
    outcome.errorType !== 'ServiceException'
  );
}
