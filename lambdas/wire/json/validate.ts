import * as v from 'valibot';

import type { ErrorInfo } from '../../domain/errors.ts';
import type { Result } from '../../domain/result.ts';
import { fail, ok } from '../../domain/result.ts';
import { REQUIRED } from './fields.ts';

/** Checks an object against a schema of its fields and names the first that is wrong. */
export function validate<const S extends v.GenericSchema<unknown, unknown>>(
  schema: S,
  input: object,
): Result<v.InferOutput<S>, ErrorInfo> {
  const result = v.safeParse(schema, input, { abortEarly: true });
  return result.success ? ok(result.output) : fail(toErrorInfo(result.issues[0]));
}

function toErrorInfo(issue: v.BaseIssue<unknown>): ErrorInfo {
  // The input is an object, so whatever is wrong is a field of it and has a path.
  const field = v.getDotPath(issue) as string;
  const problem = issue.input === undefined ? REQUIRED : issue.message;
  return { code: 'invalid_field', message: `${field} ${problem}.`, field };
}
