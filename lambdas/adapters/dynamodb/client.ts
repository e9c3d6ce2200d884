import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, type TranslateConfig } from '@aws-sdk/lib-dynamodb';

const MARSHALLING: TranslateConfig = { marshallOptions: { removeUndefinedValues: true } };

/**
 * The one DynamoDB client of a Lambda instance; call it at module scope so that its sockets outlive an invocation.
 *
 * An integration has 29 s (AWS "Quotas for configuring and running a WebSocket API"): three attempts of at most
 * 1 s to connect and 3 s to answer leave room for the second call of a use case. `throwOnRequestTimeout` is needed:
 * without it the SDK only logs a warning when `requestTimeout` has passed. The options are for local DynamoDBs.
 */
export function createDynamoClient(
  options: {
    readonly endpoint?: string;
    readonly timeoutsMs?: { readonly connect: number; readonly request: number };
  } = {},
): DynamoDBDocumentClient {
  const { endpoint, timeoutsMs = { connect: 1_000, request: 3_000 } } = options;
  const agent = { keepAlive: true, maxSockets: 100 };
  const client = new DynamoDBClient({
    ...(endpoint === undefined ? {} : { endpoint }),
    retryMode: 'standard',
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: timeoutsMs.connect,
      requestTimeout: timeoutsMs.request,
      throwOnRequestTimeout: true,
      httpsAgent: agent,
      httpAgent: agent,
    },
  });
  return DynamoDBDocumentClient.from(client, MARSHALLING);
}
