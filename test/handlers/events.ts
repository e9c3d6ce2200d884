/** Events as API Gateway sends them (AWS "Set up a WebSocket API integration request", "Use Lambda authorizers with WebSocket APIs"). */
import { NATIVE_ACTIONS } from '../../lambdas/manifest/routes.ts';
import type { AuthorizerEvent, MessageEvent, WebSocketEvent } from '../../lambdas/handlers/native/events.ts';

export const AT = 1731324924561;
export const CONNECTION = 'BFHPhfCWIAMCKlQ=';

const context = (routeKey: string, eventType: string) => ({
  routeKey,
  eventType,
  extendedRequestId: 'BFHPhFe3IAMF95g=',
  requestTime: '11/Nov/2024:11:35:24 +0000',
  messageDirection: 'IN',
  stage: 'native',
  connectedAt: 1731324924553,
  requestTimeEpoch: AT,
  identity: { sourceIp: '166.90.225.1' },
  requestId: 'BFHPhFe3IAMF95g=',
  domainName: 'abcd123.execute-api.us-east-1.amazonaws.com',
  connectionId: CONNECTION,
  apiId: 'abcd123',
});

type Authorizer = Readonly<Record<string, string>>;
const attested = (authorizer: Authorizer) => ({
  authorizer: { principalId: authorizer['userId'], ...authorizer },
});

export function authorizerEvent(
  upgrade: Pick<AuthorizerEvent, 'headers' | 'queryStringParameters'> = {},
): AuthorizerEvent {
  const event = {
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:us-east-1:123456789012:abcd123/native/$connect',
    headers: {
      Connection: 'upgrade',
      'content-length': '0',
      Host: 'abcd123.execute-api.us-east-1.amazonaws.com',
      'Sec-WebSocket-Key': 'c2VjcmV0LWtleS1oZXJlIQ==',
      'Sec-WebSocket-Version': '13',
      Upgrade: 'websocket',
      'X-Forwarded-For': '166.90.225.1',
      ...upgrade.headers,
    },
    stageVariables: {},
    requestContext: context('$connect', 'CONNECT'),
    // Only there when the URL has a query.
    ...(upgrade.queryStringParameters === undefined
      ? {}
      : { queryStringParameters: upgrade.queryStringParameters }),
  };
  return event;
}

export function connectEvent(authorizer: Authorizer, headers: Record<string, string> = {}): WebSocketEvent {
  const event = {
    headers: {
      Host: 'abcd123.execute-api.us-east-1.amazonaws.com',
      'Sec-WebSocket-Version': '13',
      ...headers,
    },
    requestContext: {
      ...context('$connect', 'CONNECT'),
      authorizer: { ...attested(authorizer).authorizer, integrationLatency: 21 },
    },
    isBase64Encoded: false,
  };
  return event;
}

export function messageEvent(authorizer: Authorizer, body?: string): MessageEvent {
  const event = {
    requestContext: {
      ...context(routeOf(body), 'MESSAGE'),
      messageId: 'BFaVtfGSIAMCKug=',
      ...attested(authorizer),
    },
    isBase64Encoded: false,
    ...(body === undefined ? {} : { body }),
  };
  return event;
}

export function disconnectEvent(authorizer: Authorizer): WebSocketEvent {
  const event = {
    headers: {
      Host: 'abcd123.execute-api.us-east-1.amazonaws.com',
      'x-api-key': '',
      'X-Forwarded-For': '',
      'x-restapi': '',
    },
    requestContext: {
      ...context('$disconnect', 'DISCONNECT'),
      disconnectStatusCode: 1005,
      disconnectReason: 'Client-side close frame status not set',
      ...attested(authorizer),
    },
    isBase64Encoded: false,
  };
  return event;
}

/** As the gateway chooses: `$request.body.action` where there is a route of that name, else `$default`. */
export function routeOf(body = ''): string {
  const action = /"action":\s*"(\w+)"/.exec(body)?.[1] ?? '';
  return (NATIVE_ACTIONS as readonly string[]).includes(action) ? action : '$default';
}
