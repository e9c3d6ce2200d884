import * as v from 'valibot';

import type { ErrorCode } from '../../domain/errors.ts';
import { REST } from '../../manifest/limits.ts';
import { DISCLOSURE } from '../../wire/json/disclosure.ts';
import type { ErrorJson } from '../errors.ts';
import { STATUS } from '../errors.ts';

const codes = Object.keys(STATUS) as [ErrorCode, ...ErrorCode[]];

/** Every refusal of the REST API. */
export const problem = v.object({
  error: v.object({
    code: v.picklist(codes),
    message: v.string(),
    field: v.exactOptional(v.string()),
  }),
});

/** A message each code comes with; others differ in their words only. */
export const PROBLEM_EXAMPLES = {
  invalid_json: { message: 'Not valid JSON.' },
  invalid_field: { message: 'content must be 1 to 10000 characters long.', field: 'content' },
  unknown_action: { message: 'This path answers GET, POST.' },
  token_missing: { message: 'Token missing' },
  token_invalid: { message: 'Token invalid' },
  token_expired: { message: 'Token expired' },
  user_not_found: { message: 'User not found.' },
  invalid_credentials: { message: 'E-mail address or password is wrong.' },
  not_participant: { message: 'No such room.' },
  not_found: { message: 'No such room.' },
  forbidden: { message: 'Only the creator of the room or an admin may remove others.' },
  email_taken: { message: 'This e-mail address has an account already.', field: 'email' },
  too_large: { message: `A body is at most ${REST.bodyBytes} bytes.` },
  rate_limited: { message: 'Too many attempts; try again later.' },
  unavailable: { message: DISCLOSURE.unavailable.message.text },
  internal: { message: DISCLOSURE.internal.message.text },
} as const satisfies Record<ErrorCode, Omit<ErrorJson['error'], 'code'>>;
