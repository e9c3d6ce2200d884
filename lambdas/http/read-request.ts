import type { Context } from 'hono';

import { CausewayError } from '../domain/errors.ts';
import type { ErrorInfo } from '../domain/errors.ts';
import type { Result } from '../domain/result.ts';
import { utf8Length } from '../domain/utf8.ts';
import { REST } from '../manifest/limits.ts';
import type { JsonRecord } from '../wire/json/safe-json.ts';
import { findHostile, parseJsonObject } from '../wire/json/safe-json.ts';
import { validate } from '../wire/json/validate.ts';
import type { Operation } from './operation.ts';

/** Path, query and body of a request, checked by the operation's schemas. Throws CausewayError naming the first wrong field. */
export async function readRequest(c: Context, operation: Operation) {
  return {
    params: check(operation.params, c.req.param()),
    query: check(operation.query, c.req.query()),
    body: operation.body === undefined ? undefined : check(operation.body, await readJson(c)),
  };
}

function check(schema: Operation['body'], input: object): unknown {
  if (schema === undefined) return undefined;
  return valueOf(validate(schema, input));
}

async function readJson(c: Context): Promise<JsonRecord> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new CausewayError('invalid_json', 'The body must be sent as Content-Type: application/json.');
  }
  const text = await c.req.text();
  if (text.length > REST.bodyBytes || utf8Length(text) > REST.bodyBytes) {
    throw new CausewayError('too_large', `A body is at most ${REST.bodyBytes} bytes.`);
  }
  const body = valueOf(parseJsonObject(text));
  const hostile = findHostile(body);
  if (hostile !== undefined) throw new CausewayError(hostile.code, hostile.message, hostile);
  return body;
}

function valueOf<T>(result: Result<T, ErrorInfo>): T {
  if (result.ok) return result.value;
  throw new CausewayError(result.error.code, result.error.message, result.error);
}
