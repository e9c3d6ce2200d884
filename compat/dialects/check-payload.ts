import * as v from 'valibot';

import type { ErrorInfo } from '../../lambdas/domain/errors.ts';
import type { Result } from '../../lambdas/domain/result.ts';
import { fail, ok } from '../../lambdas/domain/result.ts';
import { findHostile, isJsonData, isJsonObject } from '../../lambdas/wire/json/safe-json.ts';
import { validate } from '../../lambdas/wire/json/validate.ts';

/**
 * What is wrong with a payload as a whole, completing the sentence "payload …"; undefined when its fields can be looked at.
 * Tells documents apart that share an event's name: `typing` is a boolean in one and an object in the other.
 */
export function findMisfit(schema: v.GenericSchema, input: unknown): string | undefined {
  if (schema.type === 'object')
    return isJsonObject(input) && isJsonData(input) ? undefined : 'must be an object';
  return v.safeParse(schema, input).issues?.[0].message;
}

/** Checks a payload that fits, and names the first field that is wrong. Total. */
export function checkPayload(schema: v.GenericSchema, input: unknown): Result<unknown, ErrorInfo> {
  if (!isJsonObject(input)) return ok(v.parse(schema, input));
  const hostile = findHostile(input);
  return hostile === undefined ? validate(schema, input) : fail(hostile);
}
