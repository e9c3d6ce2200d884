import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { translateAwsError } from '../aws-errors.ts';

/** The Lambda client; call it at module scope. */
export function createLambdaClient(): LambdaClient {
  return new LambdaClient({
    retryMode: 'standard',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
}

/**
 * Hands an event to a function without waiting for it to run (AWS "Invoking a Lambda function asynchronously").
 * Fulfilled once Lambda has queued it; it may run twice.
 */
export function createAsyncInvoke(client: LambdaClient, functionName: string) {
  return async (event: object): Promise<void> => {
    try {
      await client.send(
        new InvokeCommand({
          FunctionName: functionName,
          InvocationType: 'Event',
          Payload: new TextEncoder().encode(JSON.stringify(event)),
        }),
      );
    } catch (error) {
      throw translateAwsError(error);
    }
  };
}
