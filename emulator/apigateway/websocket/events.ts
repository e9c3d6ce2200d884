import type { IncomingMessage } from 'node:http';
import { mintId, traceId } from '../ids.ts';
import { headerPairs, queryStringOf } from '../request-parts.ts';
import { clfTime } from '../request-time.ts';
import { forwardedFor } from '../source-address.ts';
import type { WebSocketApi } from './model.ts';

/*
 * Events as AWS sends them: "Set up a WebSocket API integration request in API Gateway" and captured events. Shapes
 * differ in small ways between the kinds; each difference below is one that real events show.
 */

/** What an event needs to know of the connection; exists before the connection is open. */
export interface Peer {
  readonly connectionId: string;
  readonly api: WebSocketApi;
  readonly stage: string;
  readonly connectedAt: number;
  readonly identity: { readonly sourceIp: string; readonly userAgent?: string };
  /** principalId and context of the authorizer, repeated on every later event. */
  readonly authorizer?: Readonly<Record<string, string | number>>;
}

export interface Moment {
  readonly requestId: string;
  readonly now: number;
}

type Maps = { readonly single: Record<string, string>; readonly multi: Record<string, string[]> };
type EventType = 'CONNECT' | 'MESSAGE' | 'DISCONNECT';

export function connectEvent(peer: Peer, moment: Moment, req: IncomingMessage): Record<string, unknown> {
  return {
    ...headersOf(peer, req, { hidden: ['connection', 'upgrade', 'content-length'], now: moment.now }),
    ...queryOf(req),
    requestContext: context(peer, moment, { routeKey: '$connect', eventType: 'CONNECT' }),
    isBase64Encoded: false,
  };
}

/** Unlike `$connect`, the authorizer sees `Connection` and `Upgrade`, and empty maps instead of missing ones. */
export function authorizerEvent(
  peer: Peer,
  moment: Moment,
  request: { req: IncomingMessage; methodArn: string; stageVariables: Readonly<Record<string, string>> },
): Record<string, unknown> {
  const { headers, multiValueHeaders } = headersOf(peer, request.req, {
    hidden: ['content-length'],
    now: moment.now,
  });
  return {
    type: 'REQUEST',
    methodArn: request.methodArn,
    headers: { ...headers, 'content-length': '0' },
    multiValueHeaders: { ...multiValueHeaders, 'content-length': ['0'] },
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    ...queryOf(request.req),
    stageVariables: request.stageVariables,
    requestContext: context(peer, moment, { routeKey: '$connect', eventType: 'CONNECT' }),
  };
}

/** No headers and no query on messages. */
export function messageEvent(
  peer: Peer,
  moment: Moment,
  message: { routeKey: string; body: string },
): Record<string, unknown> {
  return {
    requestContext: context(peer, moment, {
      routeKey: message.routeKey,
      eventType: 'MESSAGE',
      messageId: mintId(),
    }),
    body: message.body,
    isBase64Encoded: false,
  };
}

export function disconnectEvent(
  peer: Peer,
  moment: Moment,
  closed: { code: number; reason: string },
): Record<string, unknown> {
  const headers = { Host: peer.api.domain, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' };
  return {
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    requestContext: context(peer, moment, {
      routeKey: '$disconnect',
      disconnectStatusCode: closed.code,
      eventType: 'DISCONNECT',
      disconnectReason: closed.reason,
    }),
    isBase64Encoded: false,
  };
}

function context(
  peer: Peer,
  moment: Moment,
  own: { routeKey: string; eventType: EventType; [key: string]: unknown },
) {
  return {
    ...(peer.authorizer && { authorizer: peer.authorizer }),
    ...own,
    extendedRequestId: moment.requestId,
    requestTime: clfTime(moment.now),
    messageDirection: 'IN',
    stage: peer.stage,
    connectedAt: peer.connectedAt,
    requestTimeEpoch: moment.now,
    identity: peer.identity,
    requestId: moment.requestId,
    domainName: peer.api.domain,
    connectionId: peer.connectionId,
    apiId: peer.api.id,
  };
}

const SET_BY_GATEWAY = /^(host|x-forwarded-.*|x-amzn-trace-id)$/;

function headersOf(peer: Peer, req: IncomingMessage, options: { hidden: readonly string[]; now: number }) {
  const kept = headerPairs(req).filter(([name]) => {
    const lower = name.toLowerCase();
    return !SET_BY_GATEWAY.test(lower) && !options.hidden.includes(lower);
  });
  const { single, multi } = maps([
    ['Host', peer.api.domain],
    ...kept,
    ['X-Amzn-Trace-Id', traceId(options.now)],
    ['X-Forwarded-For', forwardedFor(req)],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  ]);
  return { headers: single, multiValueHeaders: multi };
}

/** Both members are absent when there is no query. Of a repeated key, the single map has the last value. */
function queryOf(req: IncomingMessage) {
  const query = new URLSearchParams(queryStringOf(req));
  if (query.size === 0) return {};
  const { single, multi } = maps([...query]);
  return { queryStringParameters: single, multiValueQueryStringParameters: multi };
}

/** Built through entries so that a header or parameter named `__proto__` is a key like any other. */
function maps(pairs: readonly (readonly [string, string])[]): Maps {
  const all = new Map<string, string[]>();
  for (const [name, value] of pairs) all.set(name, [...(all.get(name) ?? []), value]);
  return {
    single: Object.fromEntries([...all].map(([name, values]) => [name, values.at(-1) ?? ''])),
    multi: Object.fromEntries(all),
  };
}
