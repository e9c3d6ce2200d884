import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { FAN_OUT } from '../../manifest/limits.ts';

/**
 * The management API client of one WebSocket API; call it at module scope. As many sockets as fan-out has posts in
 * flight, so that no post waits for a socket. Standard retries back off with jitter, on 429 with a longer base.
 *
 * @param callbackUrl https://{api-id}.execute-api.{region}.amazonaws.com/{stage}
 */
export function createManagementClient(callbackUrl: string): ApiGatewayManagementApiClient {
  const agent = { keepAlive: true, maxSockets: FAN_OUT.concurrency };
  return new ApiGatewayManagementApiClient({
    endpoint: callbackUrl,
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
}
