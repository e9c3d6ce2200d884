import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { FAN_OUT } from '../../manifest/limits.ts';

/**
 * The management API client of one WebSocket API; call it at module scope. As many sockets as fan-out has posts in
 * flight, so that no post waits for a socket. Standard retries back off with jitter, on 429 with a longer base.
 *
 * A fan-out is bound by what the SDK computes for each post. A quarter of that goes when its chain of middleware is built
 * once per command (`cacheMiddleware`) and when no User-Agent is composed, which nobody reads. The document client of
 * DynamoDB must not do the former: its commands keep their input in that chain.
 *
 * @param callbackUrl https://{api-id}.execute-api.{region}.amazonaws.com/{stage}
 */
export function createManagementClient(callbackUrl: string): ApiGatewayManagementApiClient {
  const agent = { keepAlive: true, maxSockets: FAN_OUT.concurrency };
  const client = new ApiGatewayManagementApiClient({
    endpoint: callbackUrl,
    cacheMiddleware: true,
    retryMode: 'standard',
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
      httpsAgent: agent,
      httpAgent: agent,
    },
  });
  client.middlewareStack.remove('getUserAgentMiddleware');
  return client;
}
