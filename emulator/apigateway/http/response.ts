import type { IntegrationOutcome } from '../integration.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** "Invocation payload (request and response): 6 MB each" (Lambda quotas). */
export const MAXIMUM_LAMBDA_BYTES = 6 * 1024 * 1024;

/** `{"message":"…"}`, as API Gateway answers by itself. */
export function plainAnswer(status: number, message: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message })),
  };
}

/** What API Gateway makes of a function's outcome under payload format 2.0. */
export function answerOf(outcome: IntegrationOutcome): HttpAnswer {
  if (outcome.kind === 'integration-timeout') return plainAnswer(503, 'Service Unavailable');
  if (outcome.kind !== 'ok') return plainAnswer(500, 'Internal Server Error');
  const { payload } = outcome;
  if (isStructured(payload)) return structured(payload) ?? plainAnswer(500, 'Internal Server Error');
  // "API Gateway makes the following assumptions if your function returns valid JSON and doesn't return a statusCode."
  const body = typeof payload === 'string' ? payload : (JSON.stringify(payload) ?? 'null');
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(body),
  };
}

interface Structured {
  readonly statusCode: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly cookies?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

function isStructured(payload: unknown): payload is Structured {
  return typeof payload === 'object' && payload !== null && 'statusCode' in payload;
}

function structured(response: Structured): HttpAnswer | undefined {
  const status = Number(response.statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const headers = Object.entries(response.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  const cookies = Array.isArray(response.cookies) ? response.cookies.map(String) : [];
  const text =
    typeof response.body === 'string'
      ? response.body
      : response.body === undefined || response.body === null
        ? ''
        : JSON.stringify(response.body);
  const body = Buffer.from(text, response.isBase64Encoded === true ? 'base64' : 'utf8');
  const type = body.length > 0 ? { 'content-type': 'text/plain;charset=UTF-8' } : {};
  return { status, headers: { ...type, ...Object.fromEntries(headers) }, cookies, body };
}
