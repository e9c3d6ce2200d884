/** Field names whose values never reach a log, wherever they stand. Compared without case, `-` and `_`. */
const SECRET = new Set([
  'authorization',
  'cookie',
  'setcookie',
  'password',
  'passwordhash',
  'secret',
  'secretstring',
  'clientsecret',
  'token',
  'accesstoken',
  'idtoken',
  'refreshtoken',
  'secwebsocketprotocol',
  'querystring',
  'querystringparameters',
  'rawquerystring',
  'email',
  'content',
  'payload',
  'context',
  'frame',
  'body',
]);

/** Deeper than this, values are cut off: a log line is for people. */
const DEPTH = 6;

/** A copy that is safe to log: secrets replaced, errors serialised, cycles and depth cut. Never throws. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
    return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH) return '[deep]';
  if (value instanceof Error) return serialiseError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecret(name) ? '[redacted]' : redact(inner, depth + 1),
    ]),
  );
}

/** Name, message, stack, cause and what AWS attached; not the request or response, which hold tokens and content. */
function serialiseError(error: Error, depth: number): Readonly<Record<string, unknown>> {
  const { code, $metadata } = error as {
    code?: unknown;
    $metadata?: { requestId?: string; httpStatusCode?: number };
  };
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...($metadata === undefined ? {} : { status: $metadata.httpStatusCode, requestId: $metadata.requestId }),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

function isSecret(name: string): boolean {
  return SECRET.has(name.toLowerCase().replaceAll(/[-_]/g, ''));
}
