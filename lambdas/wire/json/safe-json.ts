import type { Json } from '../../domain/entities.ts';
import type { ErrorInfo } from '../../domain/errors.ts';
import { FORBIDDEN_KEYS } from '../../domain/json-object.ts';
import type { Result } from '../../domain/result.ts';
import { fail, ok } from '../../domain/result.ts';
import { CHAT } from '../../manifest/limits.ts';

/** A parsed JSON object, nothing known about its fields yet. */
export type JsonRecord = { readonly [key: string]: Json };

/** With the `u` flag this matches only surrogates that lack their other half: text that UTF-8 cannot carry. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;
/** A path is echoed to the client; keys are its own, so only their length needs a bound. */
const PATH_CHARS = 120;

/** Parses a JSON object. Total: V8 parses iteratively, so even a megabyte of brackets is a SyntaxError or a value, never a stack overflow. */
export function parseJsonObject(text: string): Result<JsonRecord, ErrorInfo> {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return fail({ code: 'invalid_json', message: 'Not valid JSON.' });
  }
  return isJsonObject(value)
    ? ok(value)
    : fail({ code: 'invalid_json', message: 'A JSON object is expected.' });
}

export function isJsonObject(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** False for attachments, dates and the like: objects that only a Socket.IO packet or code can bring. */
export function isJsonData(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What makes a value dangerous whatever its schema: prototype keys, depth bombs, broken Unicode. Undefined when it is clean. */
export function findHostile(value: JsonRecord): ErrorInfo | undefined {
  return inspect(value, '', 1);
}

function inspect(value: Json, path: string, depth: number): ErrorInfo | undefined {
  if (typeof value === 'string') {
    return LONE_SURROGATE.test(value) ? refuse(path, 'holds text that is not valid Unicode') : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!isJsonData(value)) return refuse(path, 'must hold nothing but JSON values');
  if (depth > CHAT.jsonDepth) return refuse(path, `is nested deeper than ${CHAT.jsonDepth} levels`);
  for (const [key, child] of Object.entries(value)) {
    const childPath = path === '' ? key : `${path}.${key}`;
    const found = inspectKey(key, childPath) ?? inspect(child, childPath, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inspectKey(key: string, path: string): ErrorInfo | undefined {
  if (FORBIDDEN_KEYS.has(key)) return refuse(path, 'is not an allowed key');
  if (LONE_SURROGATE.test(key)) return refuse(path, 'is a key that is not valid Unicode');
  return undefined;
}

function refuse(path: string, problem: string): ErrorInfo {
  const field = path.slice(0, PATH_CHARS);
  return { code: 'invalid_field', message: `${field} ${problem}.`, field };
}
