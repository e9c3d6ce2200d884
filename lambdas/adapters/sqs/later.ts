import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Later } from '../../ports/later.ts';
import { translateAwsError } from '../aws-errors.ts';

/** The SQS client; call it at module scope. */
export function createQueueClient(): SQSClient {
  return new SQSClient({
    retryMode: 'standard',
    maxAttempts: 3,
    // The answer's checksum would only tell that SQS got the JSON it was sent over TLS.
    md5: false,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
}

/** A task is a message that may be seen only after its delay (AWS "Amazon SQS message timers"). */
export function createLater(client: SQSClient, queueUrl: string): Later {
  return {
    async schedule(task, delaySeconds) {
      const MessageBody = JSON.stringify(task);
      try {
        await client.send(
          new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, DelaySeconds: delaySeconds }),
        );
      } catch (error) {
        throw translateAwsError(error);
      }
    },
  };
}
