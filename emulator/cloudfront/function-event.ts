/** The event of a CloudFront Function and what it may return ("CloudFront Functions event structure"). */
import { isDeepStrictEqual } from 'node:util';
import type { Header, ViewerRequest } from './viewer-request.ts';

interface Value {
  readonly value?: unknown;
  readonly multiValue?: readonly { readonly value?: unknown; readonly attributes?: unknown }[];
  readonly attributes?: unknown;
}
type Values = Readonly<Record<string, Value>>;

interface RequestObject {
  readonly method?: unknown;
  readonly uri?: unknown;
  readonly querystring?: Values;
  readonly headers?: Values;
  readonly cookies?: Values;
}

export interface FunctionContext {
  readonly distributionDomainName: string;
  readonly distributionId: string;
  readonly requestId: string;
}

/** What the function did breaks a rule: CloudFront answers 502. */
export class InvalidResult extends Error {
  override readonly name = 'InvalidResult';
}

/** "Restrictions on all edge functions": not shown to functions, and functions can't add them. */
const DISALLOWED =
  /^(connection|expect|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection|trailer|upgrade|x-accel-(buffering|charset|limit-rate|redirect)|x-amz-cf-.*|x-amzn-(auth|cf-billing|cf-id|cf-xff|errortype|fle-profile|header-count|header-order|lambda-integration-tag|requestid)|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip)$/;
/** Same page: functions of viewer requests can read them only. */
const READ_ONLY = ['content-length', 'host', 'transfer-encoding', 'via'];

export function functionEvent(request: ViewerRequest, context: FunctionContext): Record<string, unknown> {
  return {
    version: '1.0',
    context: { ...context, eventType: 'viewer-request' },
    viewer: { ip: request.ip },
    request: { ...requestObject(request), rawQueryString: request.query },
  };
}

function requestObject({ method, uri, query, headers }: ViewerRequest): Required<RequestObject> {
  const shown = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    method,
    uri,
    querystring: collect(queryPairs(query)),
    headers: collect(shown.filter(([name]) => name !== 'cookie' && !DISALLOWED.test(name))),
    cookies: collect(cookiePairs(shown)),
  };
}

function queryPairs(query: string): Header[] {
  const parts = query.split('&').filter((part) => part !== '');
  return parts.map((part) => splitAt(part, '='));
}

function cookiePairs(headers: readonly Header[]): Header[] {
  const cookies = headers.filter(([name]) => name === 'cookie').flatMap(([, value]) => value.split(/;\s*/));
  return cookies.filter((cookie) => cookie !== '').map((cookie) => splitAt(cookie, '='));
}

function splitAt(text: string, separator: string): Header {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** `value` is the first one; `multiValue` is there only when there are several. */
function collect(pairs: readonly Header[]): Values {
  const all = new Map<string, string[]>();
  for (const [name, value] of pairs) all.set(name, [...(all.get(name) ?? []), value]);
  return Object.fromEntries(
    [...all].map(([name, values]) => [
      name,
      { value: values[0], ...(values.length > 1 && { multiValue: values.map((value) => ({ value })) }) },
    ]),
  );
}

/** The request as the function left it. Throws InvalidResult. */
export function changedRequest(request: ViewerRequest, result: RequestObject): ViewerRequest {
  const before = requestObject(request);
  const { uri, headers = {}, cookies = {} } = result;
  if (result.method !== undefined && result.method !== request.method)
    throw new InvalidResult('method is read-only');
  if (typeof uri !== 'string' || !uri.startsWith('/')) throw new InvalidResult('uri must begin with /');
  const query = isDeepStrictEqual(result.querystring ?? {}, before.querystring)
    ? request.query
    : pairsOf(result.querystring ?? {}, before.querystring)
        .map(([name, value]) => `${name}=${value}`)
        .join('&');
  if (/[\s#\p{Cc}]/u.test(uri + query)) throw new InvalidResult('uri and querystring must be encoded');
  checkHeaders(headers, before.headers);
  const cookie = pairsOf(cookies, before.cookies).map(([name, value]) => `${name}=${value}`);
  const hidden = request.headers.filter(([name]) => DISALLOWED.test(name.toLowerCase()));
  const shown = pairsOf(headers, before.headers).map(([name, value]) => [capitalised(name), value] as const);
  return {
    ...request,
    uri,
    query,
    headers: [...hidden, ...shown, ...(cookie.length > 0 ? [['Cookie', cookie.join('; ')] as const] : [])],
  };
}

function checkHeaders(after: Values, before: Values): void {
  for (const [name, value] of Object.entries(after)) {
    if (name !== name.toLowerCase()) throw new InvalidResult(`header names must be in lower case: ${name}`);
    if (DISALLOWED.test(name) || name === 'cookie') throw new InvalidResult(`functions can't set ${name}`);
    if (READ_ONLY.includes(name) && !isDeepStrictEqual(value, before[name]))
      throw new InvalidResult(`${name} is read-only`);
  }
}

/** "If the multiValue array exists and has any modification, then that modification is applied", else that of `value`. */
function pairsOf(values: Values, before: Values): Header[] {
  return Object.entries(values).flatMap(([name, { value, multiValue }]) => {
    const text = (given: unknown) => {
      if (typeof given === 'string' || typeof given === 'number') return String(given);
      throw new InvalidResult(`${name} has no value`);
    };
    if (multiValue === undefined) return [[name, text(value)] as const];
    const isModified = !isDeepStrictEqual(multiValue, before[name]?.multiValue);
    const [first, ...rest] = multiValue.map((entry) => text(entry.value));
    return [isModified ? (first ?? '') : text(value), ...rest].map((each) => [name, each] as const);
  });
}

/** "The first letter of each word in header names is capitalized." */
export function capitalised(name: string): string {
  return name.replace(
    /(^|-)([a-z])/g,
    (_match, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

interface ResponseObject {
  readonly statusCode?: unknown;
  readonly statusDescription?: unknown;
  readonly headers?: Values;
  readonly cookies?: Values;
  readonly body?: unknown;
}

export interface GeneratedResponse {
  readonly status: number;
  readonly text?: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

/** Whether the function answers by itself, and with what. Throws InvalidResult. */
export function generatedResponse(result: unknown): GeneratedResponse | undefined {
  if (typeof result !== 'object' || result === null) throw new InvalidResult('no request and no response');
  const { statusCode, statusDescription, headers = {}, cookies = {}, body } = result as ResponseObject;
  if (statusCode === undefined) return undefined;
  if (!Number.isInteger(statusCode) || Number(statusCode) < 200 || Number(statusCode) > 599)
    throw new InvalidResult('statusCode must be an integer');
  checkHeaders(headers, {});
  return {
    status: Number(statusCode),
    ...(typeof statusDescription === 'string' && { text: statusDescription }),
    headers: [
      ...pairsOf(headers, {}).map(([name, value]) => [capitalised(name), value] as const),
      ...Object.entries(cookies).flatMap(setCookies),
    ],
    body: bodyOf(body),
  };
}

function setCookies([name, cookie]: readonly [string, Value]): Header[] {
  return (cookie.multiValue ?? [cookie]).map(({ value, attributes }) => [
    'Set-Cookie',
    `${name}=${String(value)}${typeof attributes === 'string' && attributes !== '' ? `; ${attributes}` : ''}`,
  ]);
}

function bodyOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  const { encoding, data } = body as { encoding?: unknown; data?: unknown };
  if (typeof data !== 'string' || (encoding !== 'text' && encoding !== 'base64'))
    throw new InvalidResult('body needs data, and the encoding text or base64');
  return Buffer.from(data, encoding === 'text' ? 'utf8' : 'base64');
}
