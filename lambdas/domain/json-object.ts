import { CHAT } from '../manifest/limits.ts';
import type { JsonObject } from './entities.ts';
import type { Result } from './result.ts';
import { fail, ok } from './result.ts';
import { utf8Length } from './utf8.ts';

/** Keys that reach an object's prototype once a careless merge copies them: refused at any depth. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Whether a value is a JSON object that may be stored and echoed: plain data, at most CHAT.jsonDepth levels, at most
 * `maxBytes` of UTF-8 JSON, no key that could pollute a prototype. The error completes the sentence "<field> …".
 */
export function checkJsonObject(input: unknown, maxBytes: number): Result<JsonObject, string> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return fail('must be an object');
  const problem = inspect(input, 1);
  if (problem !== undefined) return fail(problem);
  if (utf8Length(JSON.stringify(input)) > maxBytes) return fail(`must be at most ${maxBytes} bytes of JSON`);
  return ok(input as JsonObject);
}

function inspect(value: unknown, depth: number): string | undefined {
  if (typeof value === 'object' && value !== null) return inspectChildren(value, depth);
  const isJson =
    value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  return isJson ? undefined : 'must hold nothing but JSON values';
}

// The depth is checked before descending, so a bomb of brackets cannot overflow the stack.
function inspectChildren(value: object, depth: number): string | undefined {
  if (depth > CHAT.jsonDepth) return `must not be nested deeper than ${CHAT.jsonDepth} levels`;
  for (const [key, child] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key)) return `must not have a key named ${key}`;
    const problem = inspect(child, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
