/** CORS as the `cors` package answers for `{ origin: origins, credentials }`, which stock servers use. */
import type { BridgeOptions } from '../types.ts';

type Headers = Readonly<Record<string, string>>;
type Cors = BridgeOptions['cors'];

/** Of every answer, refusals included: a browser hides the status of those without. No origins configured: none. */
export function corsHeaders({ origins, credentials }: Cors, request: Headers): Headers {
  if (origins.length === 0) return {};
  const allowed = allowedOrigin(origins, credentials, request['origin']);
  return {
    ...(allowed === undefined ? {} : { 'Access-Control-Allow-Origin': allowed }),
    ...(allowed === '*' ? {} : { Vary: 'Origin' }),
    ...(credentials ? { 'Access-Control-Allow-Credentials': 'true' } : {}),
  };
}

/** Of the answer to a preflight. A refused origin gets them too, without Allow-Origin. */
export function preflightHeaders(cors: Cors, request: Headers): Headers {
  const headers = corsHeaders(cors, request);
  const asked = request['access-control-request-headers'] ?? '';
  return {
    ...headers,
    Vary: [headers['Vary'], 'Access-Control-Request-Headers'].filter(Boolean).join(', '),
    'Access-Control-Allow-Methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
    ...(asked === '' ? {} : { 'Access-Control-Allow-Headers': asked }),
    'Content-Length': '0',
  };
}

/** With credentials a browser takes no `*` (Fetch, "CORS check"), so that the origin itself is named. */
function allowedOrigin(
  origins: readonly string[],
  credentials: boolean,
  origin: string | undefined,
): string | undefined {
  if (origins.includes('*')) return credentials ? origin : '*';
  return origin !== undefined && origins.includes(origin) ? origin : undefined;
}
