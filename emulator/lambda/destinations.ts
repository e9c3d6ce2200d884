/** Where events go that an asynchronous invocation failed for ("Capturing records of Lambda asynchronous invocations"). */
import type { Permissions } from '../iam/policies.ts';
import { roleOfFunction } from '../iam/function-role.ts';
import type { Queue } from '../sqs/queue.ts';
import type { Queues } from '../sqs/queues.ts';
import type { Resource, Stack } from '../types.ts';

interface ConfigProperties {
  readonly FunctionName?: string;
  readonly DestinationConfig?: {
    readonly OnSuccess?: { readonly Destination?: string };
    readonly OnFailure?: { readonly Destination?: string };
  };
}

export interface Failure {
  readonly requestId: string;
  readonly functionArn: string;
  readonly condition: 'RetriesExhausted' | 'EventAgeExceeded';
  readonly attempts: number;
  readonly payload: unknown;
  readonly error: { readonly errorMessage: string; readonly errorType?: string };
  readonly at: number;
}

/** By function name; a function without a destination has none. */
export type Destinations = ReadonlyMap<string, Queue>;

interface DestinationOptions {
  readonly stack: Stack;
  readonly queues: Queues;
  readonly permissions: Pick<Permissions, 'authorizeRole'>;
}

/**
 * Throws for what this emulator does not play (success, other services than SQS), and where the function's role may not send
 * to the queue: AWS refuses such a configuration.
 */
export function readDestinations(options: DestinationOptions): Destinations {
  const configs = options.stack.ofType<ConfigProperties>('AWS::Lambda::EventInvokeConfig');
  return new Map(configs.flatMap((config) => readDestination(options, config)));
}

function readDestination(
  { stack, queues, permissions }: DestinationOptions,
  config: Resource<ConfigProperties>,
): readonly (readonly [string, Queue])[] {
  const { FunctionName: name = '', DestinationConfig: wanted = {} } = config.properties;
  const arn = wanted.OnFailure?.Destination;
  if (arn === undefined && wanted.OnSuccess === undefined) return [];
  const queue = arn === undefined || wanted.OnSuccess !== undefined ? undefined : queues.byArn(arn);
  if (queue === undefined)
    throw refused(config, 'in DestinationConfig only OnFailure with a queue of the template is emulated');
  const fn = stack.ofType('AWS::Lambda::Function').find(({ ref }) => ref === name);
  const role = fn === undefined ? undefined : roleOfFunction(stack, fn.logicalId);
  if (role === undefined) throw refused(config, `function ${name} is not in the template`);
  const caller = { functionName: name, roleLogicalId: role.logicalId };
  const refusal = permissions.authorizeRole(caller, 'sqs:SendMessage', queue.definition.arn);
  if (refusal !== undefined)
    throw refused(config, `the role of ${name} may not send to its destination: ${refusal}`);
  return [[name, queue]];
}

/** The record as Lambda writes it. */
export function sendFailure(queue: Queue, failure: Failure): void {
  const { requestId, functionArn, condition, attempts, payload, error, at } = failure;
  const record = {
    version: '1.0',
    timestamp: new Date(at).toISOString(),
    requestContext: {
      requestId,
      functionArn: `${functionArn}:$LATEST`,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: payload,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: error,
  };
  queue.send({ body: JSON.stringify(record), senderId: 'lambda.amazonaws.com' });
}

function refused({ type, logicalId }: Resource<object>, problem: string): Error {
  return new Error(`${type} "${logicalId}": ${problem}.`);
}
