import { readQueuePolicies, type QueuePolicy } from '../iam/queue-policy.ts';
import type { Resource, Stack } from '../types.ts';

/** A standard queue of the template. Times in milliseconds. */
export interface QueueDefinition {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly delayMs: number;
  readonly visibilityMs: number;
  readonly retentionMs: number;
  readonly maximumBytes: number;
  /** ARN of the queue for messages that were received more often than this. */
  readonly redrive?: { readonly arn: string; readonly maxReceiveCount: number };
  readonly policy: QueuePolicy;
}

interface QueueProperties {
  readonly QueueName?: string;
  readonly FifoQueue?: boolean;
  readonly KmsMasterKeyId?: string;
  readonly DelaySeconds?: number | string;
  readonly VisibilityTimeout?: number | string;
  readonly MessageRetentionPeriod?: number | string;
  readonly MaximumMessageSize?: number | string;
  readonly RedrivePolicy?: {
    readonly deadLetterTargetArn?: string;
    readonly maxReceiveCount?: number | string;
  };
}

/** Defaults of AWS::SQS::Queue; the largest message has been 1 MiB since August 2025. */
const DEFAULT = {
  DelaySeconds: 0,
  VisibilityTimeout: 30,
  MessageRetentionPeriod: 4 * 24 * 3600,
  MaximumMessageSize: 1024 * 1024,
} as const;

/** The queues of a template. Throws for what a deployment or this emulator can't do, naming the resource. */
export function readQueues(stack: Stack): readonly QueueDefinition[] {
  const policies = readQueuePolicies(stack);
  const resources = stack.ofType<QueueProperties>('AWS::SQS::Queue');
  const arns = new Set(resources.map(({ arn }) => arn));
  return resources.map((resource) => {
    const queue = readQueue(resource, policies.get(resource.ref));
    if (queue.redrive !== undefined && !arns.has(queue.redrive.arn))
      throw refused(resource, `its dead-letter queue ${queue.redrive.arn} is not in the template`);
    return queue;
  });
}

function readQueue(resource: Resource<QueueProperties>, policy: QueuePolicy | undefined): QueueDefinition {
  const { properties, ref: url, arn = '' } = resource;
  if (properties.FifoQueue === true) throw refused(resource, "FIFO queues aren't emulated");
  if (properties.KmsMasterKeyId !== undefined)
    throw refused(resource, "KMS keys aren't emulated; SqsManagedSseEnabled is");
  const { RedrivePolicy: redrive } = properties;
  return {
    name: arn.slice(arn.lastIndexOf(':') + 1),
    url,
    arn,
    delayMs: seconds(properties, 'DelaySeconds'),
    visibilityMs: seconds(properties, 'VisibilityTimeout'),
    retentionMs: seconds(properties, 'MessageRetentionPeriod'),
    maximumBytes: Number(properties.MaximumMessageSize ?? DEFAULT.MaximumMessageSize),
    ...(redrive !== undefined && {
      redrive: {
        arn: redrive.deadLetterTargetArn ?? '',
        maxReceiveCount: Number(redrive.maxReceiveCount ?? 10),
      },
    }),
    policy: policy ?? { refuses: () => false, admits: () => false },
  };
}

function seconds(properties: QueueProperties, name: Exclude<keyof typeof DEFAULT, 'MaximumMessageSize'>) {
  return Number(properties[name] ?? DEFAULT[name]) * 1000;
}

function refused({ type, logicalId }: Resource<object>, problem: string): Error {
  return new Error(`${type} "${logicalId}": ${problem}.`);
}
