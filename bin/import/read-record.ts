import type * as v from 'valibot';

import type { Json } from '../../lambdas/domain/entities.ts';
import type { Result } from '../../lambdas/domain/result.ts';
import { fail, ok } from '../../lambdas/domain/result.ts';
import {
  findHostile,
  isJsonObject,
  parseJsonObject,
  type JsonRecord,
} from '../../lambdas/wire/json/safe-json.ts';
import { validate } from '../../lambdas/wire/json/validate.ts';
import { LINE_BYTES, type Line } from './lines.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The record of a line, or why it is none. */
export function readRecord<T>(schema: v.GenericSchema<unknown, T>, { bytes }: Line): Result<T, string> {
  if (bytes === undefined) return fail(`A line is at most ${LINE_BYTES} bytes.`);
  const text = decode(bytes);
  if (text === undefined) return fail('Not valid UTF-8.');
  const json = parseJsonObject(text);
  if (!json.ok) return fail(json.error.message);
  const hostile = findHostile(json.value);
  if (hostile !== undefined) return fail(hostile.message);
  const checked = validate(schema, withoutNulls(json.value));
  return checked.ok ? ok(checked.value) : fail(checked.error.message);
}

/** SQL exports say null where a document database leaves the field out. In `context` null is the application's own word. */
function withoutNulls(record: JsonRecord): JsonRecord {
  const present = Object.entries(record).filter(([, value]) => value !== null);
  return Object.fromEntries(
    present.map(([name, value]) => [name, name === 'context' ? value : cleaned(value)]),
  );
}

function cleaned(value: Json): Json {
  if (Array.isArray(value)) return value.map(cleaned);
  return isJsonObject(value) ? withoutNulls(value) : value;
}

function decode(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
