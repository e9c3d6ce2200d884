import type { IncomingHttpHeaders } from 'node:http';
import type { CorsProperties } from '../template-properties.ts';

export interface Cors {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly credentials: boolean;
  readonly maxAge?: number;
}

/** AWS: "Configure CORS for HTTP APIs". */
export function readCors(properties: CorsProperties): Cors {
  return {
    origins: properties.AllowOrigins ?? [],
    methods: properties.AllowMethods ?? [],
    headers: properties.AllowHeaders ?? [],
    exposed: properties.ExposeHeaders ?? [],
    credentials: String(properties.AllowCredentials) === 'true',
    ...(properties.MaxAge !== undefined && { maxAge: Number(properties.MaxAge) }),
  };
}

/** "API Gateway automatically sends a response to preflight OPTIONS requests, even if there isn't an OPTIONS route." */
export function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

/** Headers of a preflight's answer; none for an origin that isn't allowed. */
export function preflightHeaders(cors: Cors, origin: string): Record<string, string> {
  const headers = originHeaders(cors, origin);
  if (!headers) return {};
  return {
    ...headers,
    ...(cors.methods.length > 0 && { 'access-control-allow-methods': cors.methods.join(',') }),
    ...(cors.headers.length > 0 && { 'access-control-allow-headers': cors.headers.join(',') }),
    ...(cors.maxAge !== undefined && { 'access-control-max-age': String(cors.maxAge) }),
  };
}

/** Headers API Gateway adds to the answer of a route. */
export function responseHeaders(cors: Cors, origin: string | undefined): Record<string, string> {
  const headers = origin === undefined ? undefined : originHeaders(cors, origin);
  if (!headers) return {};
  return {
    ...headers,
    ...(cors.exposed.length > 0 && { 'access-control-expose-headers': cors.exposed.join(',') }),
  };
}

function originHeaders(cors: Cors, origin: string): Record<string, string> | undefined {
  const rule = cors.origins.find(
    (allowed) =>
      allowed === '*' || allowed.toLowerCase() === origin.toLowerCase() || matchesScheme(allowed, origin),
  );
  if (rule === undefined) return undefined;
  return {
    'access-control-allow-origin': rule === '*' ? '*' : origin,
    ...(rule !== '*' && { vary: 'origin' }),
    ...(cors.credentials && { 'access-control-allow-credentials': 'true' }),
  };
}

/** `http://*` and `https://*` allow every origin of the scheme. */
function matchesScheme(allowed: string, origin: string): boolean {
  return /^https?:\/\/\*$/.test(allowed) && origin.startsWith(allowed.slice(0, -1));
}
