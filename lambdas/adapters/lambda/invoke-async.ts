import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { translateUnrepeatable } from '../undone.ts';

/**
 * The Lambda client; call it at module scope. Invoke is a signed POST of bytes to a path with a name in it, as PostToConnection
 * is, so that the client which every function has anyway does it at another address: Lambda's own would be 70 KB of each bundle.
 */
export function createLambdaClient(): ApiGatewayManagementApiClient {
  const client: ApiGatewayManagementApiClient = new ApiGatewayManagementApiClient({
    endpoint: async () => ({ protocol: 'https:', hostname: await hostname(client), path: '/' }),
    retryMode: 'standard',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
  const schemes = client.config.httpAuthSchemeProvider;
  const forLambda: typeof schemes = (parameters) =>
    schemes(parameters).map((scheme) => ({
      ...scheme,
      signingProperties: { ...scheme.signingProperties, signingName: 'lambda' },
    }));
  Object.assign(client.config, { httpAuthSchemeProvider: forLambda });
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as HttpRequest;
      // AWS Lambda API Reference, "Invoke".
      request.path = request.path.replace(/^.*\/@connections\/(.*)$/, '/2015-03-31/functions/$1/invocations');
      request.headers['x-amz-invocation-type'] = 'Event';
      return next(args);
    },
    { step: 'build', name: 'invokeAsync' },
  );
  return client;
}

interface HttpRequest {
  path: string;
  readonly headers: Record<string, string>;
}

/** AWS "Lambda endpoints and quotas"; the partition of China has a domain of its own. */
async function hostname({ config }: ApiGatewayManagementApiClient): Promise<string> {
  const region = await config.region();
  return `lambda.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/**
 * Hands an event to a function without waiting for it to run (AWS "Invoking a Lambda function asynchronously").
 * Fulfilled once Lambda has queued it; it may run twice. Rejects with InDoubt when it may have been queued all the same.
 *
 * @param event an object, or its JSON
 */
export function createAsyncInvoke(client: ApiGatewayManagementApiClient, functionName: string) {
  return async (event: object | string): Promise<void> => {
    const text = typeof event === 'string' ? event : JSON.stringify(event);
    try {
      await client.send(
        new PostToConnectionCommand({ ConnectionId: functionName, Data: new TextEncoder().encode(text) }),
      );
    } catch (error) {
      throw translateUnrepeatable(error);
    }
  };
}
