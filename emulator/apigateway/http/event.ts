import type { IncomingMessage } from 'node:http';
import { traceId } from '../ids.ts';
import { headerPairs, pathOf, queryStringOf } from '../request-parts.ts';
import { clfTime } from '../request-time.ts';
import { forwardedFor, sourceAddress } from '../source-address.ts';
import { DEFAULT_STAGE, type HttpApi, type HttpRoute, type HttpStage } from './model.ts';
import { decode, type Match } from './route-match.ts';

export interface Arrival {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly match: Match<HttpRoute>;
  readonly req: IncomingMessage;
  readonly body: Buffer;
  readonly requestId: string;
  readonly now: number;
}

/** Payload format 2.0 (AWS: "Create AWS Lambda proxy integrations for HTTP APIs"). Optional members are absent, not null. */
export function httpEvent(arrival: Arrival): Record<string, unknown> {
  const { match, req, stage, body } = arrival;
  const rawQueryString = queryStringOf(req);
  const cookies = cookiesOf(req);
  const query = queryOf(rawQueryString);
  const base64 = !isText(req.headers['content-type']);
  return {
    version: '2.0',
    routeKey: match.route.key,
    // HTTP APIs deliver the path percent-decoded, with the stage's name in front unless it is $default.
    rawPath: decode(pathOf(req)),
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers: headersOf(arrival),
    ...(query && { queryStringParameters: query }),
    requestContext: contextOf(arrival),
    ...(Object.keys(match.parameters).length > 0 && { pathParameters: match.parameters }),
    ...(Object.keys(stage.variables).length > 0 && { stageVariables: stage.variables }),
    ...(body.length > 0 && { body: base64 ? body.toString('base64') : body.toString() }),
    isBase64Encoded: body.length > 0 && base64,
  };
}

function contextOf({ api, stage, match, req, requestId, now }: Arrival) {
  return {
    accountId: api.accountId,
    apiId: api.id,
    domainName: api.domain,
    domainPrefix: api.id,
    http: {
      method: req.method ?? 'GET',
      path: decode(pathOf(req)),
      protocol: `HTTP/${req.httpVersion}`,
      sourceIp: sourceAddress(req),
      userAgent: req.headers['user-agent'] ?? '',
    },
    requestId,
    routeKey: match.route.key,
    stage: stage.name,
    time: clfTime(now),
    timeEpoch: now,
  };
}

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-connection',
];

/** Names in lower case, values of repeated headers joined by commas, cookies apart. */
function headersOf({ req, api, body, now }: Arrival): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [sent, value] of headerPairs(req)) {
    const name = sent.toLowerCase();
    if (name === 'cookie' || HOP_BY_HOP.includes(name)) continue;
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  joined.set('host', api.domain);
  joined.set('content-length', String(body.length));
  joined.set('x-amzn-trace-id', traceId(now));
  joined.set('x-forwarded-for', forwardedFor(req));
  joined.set('x-forwarded-port', '443');
  joined.set('x-forwarded-proto', 'https');
  return Object.fromEntries(joined);
}

function cookiesOf(req: IncomingMessage): string[] {
  return (req.headers.cookie ?? '').split('; ').filter((cookie) => cookie !== '');
}

/** "Duplicate query strings are combined with commas." */
function queryOf(rawQueryString: string): Record<string, string> | undefined {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return joined.size > 0 ? Object.fromEntries(joined) : undefined;
}

/** Bodies of other types reach the function in base64; so do HTML forms, as on AWS. */
function isText(contentType: string | undefined): boolean {
  if (contentType === undefined) return true;
  const type = contentType.replace(/;.*/, '').trim().toLowerCase();
  return type.startsWith('text/') || /^application\/(.+\+)?(json|xml|javascript)$/.test(type);
}

/** Path of the request inside its stage, still percent-encoded: what routes are compared with. */
export function pathInStage(req: IncomingMessage, stage: string): string {
  const path = pathOf(req);
  if (stage === DEFAULT_STAGE) return path;
  return path.slice(stage.length + 1) || '/';
}
