import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import { deadLetters } from './dead-letters.ts';

/** Of one task, in all. What fails so often is looked at by people. */
const ATTEMPTS = 3;

/** Messages handed to one invocation; each is looked at for itself. */
const BATCH_SIZE = 10;

export interface LaterQueueProps {
  /** Of the function that will consume it. */
  readonly timeoutSeconds: number;
}

/** A queue whose messages say when they want to be seen (ports/later.ts), and the one for those that failed every time. */
export class LaterQueue extends Construct {
  readonly url: string;
  readonly #queue: Queue;

  constructor(scope: Construct, id: string, { timeoutSeconds }: LaterQueueProps) {
    super(scope, id);
    this.#queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // "At least six times the timeout" (AWS "Creating and configuring an Amazon SQS event source mapping").
      visibilityTimeout: Duration.seconds(6 * timeoutSeconds),
      deadLetterQueue: { queue: deadLetters(this, 'Failed'), maxReceiveCount: ATTEMPTS },
    });
    this.url = this.#queue.queueUrl;
  }

  grantSend(fn: IFunction): void {
    fn.addToRolePolicy(this.#allow('SendMessage'));
  }

  consumedBy(fn: IFunction): void {
    // What the execution role needs by the same page. Not SqsEventSource: it adds two actions that nobody calls.
    fn.addToRolePolicy(this.#allow('ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'));
    const mapping = new EventSourceMapping(this, 'Mapping', {
      target: fn,
      eventSourceArn: this.#queue.queueArn,
      batchSize: BATCH_SIZE,
      reportBatchItemFailures: true,
    });
    // Lambda checks the role when the mapping is made.
    if (fn.role !== undefined) mapping.node.addDependency(fn.role);
  }

  #allow(...actions: readonly string[]): PolicyStatement {
    return new PolicyStatement({
      actions: actions.map((action) => `sqs:${action}`),
      resources: [this.#queue.queueArn],
    });
  }
}
