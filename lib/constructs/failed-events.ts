import { CfnEventInvokeConfig, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { deadLetters } from './dead-letters.ts';

/**
 * Where asynchronous invocations end that failed every time, with the event and the error (AWS "Capturing records of Lambda
 * asynchronous invocations"). One queue for all functions: the record names the function.
 */
export class FailedEvents extends Construct {
  readonly #queue: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#queue = deadLetters(this, 'Queue');
  }

  /** Lambda makes two attempts more before it gives up; those for which there was no free concurrency do not count. */
  of(fn: LambdaFunction, { maxAgeSeconds }: { readonly maxAgeSeconds: number }): void {
    // Not SqsDestination: it also allows to ask for the queue's URL and attributes.
    fn.addToRolePolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.#queue.queueArn] }),
    );
    const config = new CfnEventInvokeConfig(fn, 'OnFailure', {
      functionName: fn.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: maxAgeSeconds,
      destinationConfig: { onFailure: { destination: this.#queue.queueArn } },
    });
    // Lambda checks the role when this is made.
    if (fn.role !== undefined) config.node.addDependency(fn.role);
  }
}
