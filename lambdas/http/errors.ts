import type { ErrorCode, ErrorInfo } from '../domain/errors.ts';
import { describeError } from '../wire/json/disclosure.ts';

/** `unknown_action` is a method that the path does not have. */
export const STATUS = {
  invalid_json: 400,
  invalid_field: 400,
  unknown_action: 405,
  token_missing: 401,
  token_invalid: 401,
  token_expired: 401,
  user_not_found: 401,
  invalid_credentials: 401,
  forbidden: 403,
  not_participant: 404,
  not_found: 404,
  email_taken: 409,
  too_large: 413,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

export interface ErrorJson {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly field?: string };
}

/** The documented answer to anything that was thrown; the cause never shows. */
export function errorResponse(thrown: unknown): Response {
  const error = hideRoom(describeError(thrown));
  const body: ErrorJson = {
    error: {
      code: error.code,
      message: error.message,
      ...(error.field === undefined ? {} : { field: error.field }),
    },
  };
  return Response.json(body, { status: STATUS[error.code], headers: headersOf(error) });
}

/** A room that does not exist and one the caller is not in are the same to REST: not found. */
function hideRoom(error: ErrorInfo): ErrorInfo {
  return error.code === 'not_participant' ? { code: 'not_found', message: 'No such room.' } : error;
}

/** RFC 9110: a 401 names its scheme (11.6.1), a 429 may say when to come back (10.2.3). */
function headersOf(error: ErrorInfo): Record<string, string> {
  return {
    ...(STATUS[error.code] === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(error.retryAfterSeconds === undefined
      ? {}
      : { 'retry-after': String(Math.ceil(error.retryAfterSeconds)) }),
  };
}
