import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { LogGroupLogDestination, type IAccessLogSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Construct } from 'constructs';

import { logGroup, type LogPolicy } from './retained-logs.ts';

/*
 * What a line of an access log holds (AWS "Configure logging for WebSocket APIs in API Gateway" and "Customize HTTP API
 * access logs"). No header, no query and no authorizer context: each may carry a token or a name.
 */
const COMMON = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  sourceIp: '$context.identity.sourceIp',
  routeKey: '$context.routeKey',
  status: '$context.status',
  error: '$context.error.message',
  integrationStatus: '$context.integration.status',
  integrationError: '$context.integration.error',
  integrationLatencyMs: '$context.integration.latency',
} as const;

const FORMAT = {
  webSocket: {
    ...COMMON,
    connectionId: '$context.connectionId',
    eventType: '$context.eventType',
    authorizerStatus: '$context.authorizer.status',
    authorizerLatencyMs: '$context.authorizer.latency',
  },
  // `$context.path` is the path without the query.
  http: {
    ...COMMON,
    method: '$context.httpMethod',
    path: '$context.path',
    responseBytes: '$context.responseLength',
  },
} as const;

/** An access log in a log group of its own, one JSON object a line. */
export function accessLog(
  scope: Construct,
  kind: keyof typeof FORMAT,
  policy: LogPolicy,
): IAccessLogSettings {
  return {
    destination: new LogGroupLogDestination(logGroup(scope, 'AccessLog', policy)),
    format: AccessLogFormat.custom(JSON.stringify(FORMAT[kind])),
  };
}
