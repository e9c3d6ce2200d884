import { Agent } from 'node:https';
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { FAN_OUT } from '../../manifest/limits.ts';
import { isUndone } from '../undone.ts';

/**
 * Sockets that have been idle for longer are not used again: API Gateway may have closed them while the instance was frozen,
 * and a request that breaks off may have been carried out.
 */
const IDLE_MS = 30_000;

/**
 * The management API client of one WebSocket API; call it at module scope. As many sockets as fan-out has posts in
 * flight, so that no post waits for a socket. Standard retries back off with jitter, on 429 with a longer base; only what was
 * certainly not carried out is repeated, for a post that is sent twice arrives twice.
 *
 * A fan-out is bound by what the SDK computes for each post. A quarter of that goes when its chain of middleware is built
 * once per command (`cacheMiddleware`) and when no User-Agent is composed, which nobody reads. The document client of
 * DynamoDB must not do the former: its commands keep their input in that chain.
 *
 * @param callbackUrl https://{api-id}.execute-api.{region}.amazonaws.com/{stage}
 */
export function createManagementClient(callbackUrl: string): ApiGatewayManagementApiClient {
  const httpsAgent = new Agent({ keepAlive: true, maxSockets: FAN_OUT.concurrency });
  const client = new ApiGatewayManagementApiClient({
    endpoint: callbackUrl,
    cacheMiddleware: true,
    retryMode: 'standard',
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
      httpsAgent,
      httpAgent: { keepAlive: true, maxSockets: FAN_OUT.concurrency },
    },
  });
  client.middlewareStack.remove('getUserAgentMiddleware');
  repeatOnlyUndone(client);
  renewIdle(client, httpsAgent);
  return client;
}

function repeatOnlyUndone({ config }: ApiGatewayManagementApiClient): void {
  const standard = config.retryStrategy;
  config.retryStrategy = async () => {
    const strategy = await standard();
    if (!('refreshRetryTokenForRetry' in strategy)) return strategy;
    return {
      acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
      recordSuccess: (token) => strategy.recordSuccess(token),
      refreshRetryTokenForRetry(token, info) {
        if (isUndone(info.error)) return strategy.refreshRetryTokenForRetry(token, info);
        // The SDK rejects with the error of the request when there is no further attempt.
        return Promise.reject(new Error('It may have been carried out'));
      },
    };
  };
}

function renewIdle(client: ApiGatewayManagementApiClient, agent: Agent): void {
  let usedAt = Date.now();
  client.middlewareStack.add(
    (next) => (request) => {
      const idleMs = Date.now() - usedAt;
      usedAt = Date.now();
      if (idleMs > IDLE_MS) for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      return next(request);
    },
    { step: 'initialize', name: 'renewIdleSockets' },
  );
}
