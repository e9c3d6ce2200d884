/** The canonical request of Signature Version 4 (IAM User Guide, "Create a signed AWS API request"). */

export interface CanonicalParts {
  readonly method: string;
  /** Raw path and query as sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}

export function canonicalRequest(
  { method, path, headers, signedHeaders, payloadHash }: CanonicalParts,
  canonicalPath: string,
): string {
  const query = path.indexOf('?');
  const lines = signedHeaders
    .map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`)
    .join('');
  return `${method}\n${canonicalPath}\n${query < 0 ? '' : canonicalQuery(path.slice(query + 1))}\n${lines}\n${signedHeaders.join(';')}\n${payloadHash}`;
}

/**
 * The forms of the path a client may have signed. Every service but S3 encodes the path as sent once more, so that
 * `/test/@connections/abc%3D` signs as `/test/%40connections/abc%253D`. API Gateway also accepts the once-encoded form
 * (`/test/%40connections/abc%3D`, the one its own error text shows), which clients with raw ids send.
 */
export function canonicalPaths(path: string): readonly string[] {
  const end = path.indexOf('?');
  const raw = end < 0 ? path : path.slice(0, end);
  if (raw === '/') return ['/'];
  const segments = normalise(raw);
  const twice = segments.map(encode).join('/');
  const once = segments.map((segment) => encode(decode(segment))).join('/');
  return twice === once ? [twice] : [twice, once];
}

function normalise(path: string): string[] {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return ['', ...kept, ...(path.endsWith('/') || kept.length === 0 ? [''] : [])];
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((part) => {
    const equals = part.indexOf('=');
    return equals < 0
      ? ([encode(decode(part)), ''] as const)
      : ([encode(decode(part.slice(0, equals))), encode(decode(part.slice(equals + 1)))] as const);
  });
  return pairs
    .toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([key, value]) => `${key}=${value}`)
    .join('&');
}

/** By code point, not by locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
