import { naming } from '../assembly/resource-problem.ts';
import { roleOfFunction } from '../iam/function-role.ts';
import type { Permissions } from '../iam/policies.ts';
import type { LambdaService, Resource, Stack } from '../types.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';

/** A function that is given the messages of a queue (AWS::Lambda::EventSourceMapping). */
export interface Mapping {
  readonly functionName: string;
  readonly queue: Queue;
  readonly batchSize: number;
  /** The function names the messages it could not handle; otherwise a batch succeeds or fails as a whole. */
  readonly reportsItems: boolean;
}

interface MappingProperties {
  readonly EventSourceArn?: string;
  readonly FunctionName?: string;
  readonly BatchSize?: number | string;
  readonly Enabled?: boolean;
  readonly FunctionResponseTypes?: readonly string[];
  readonly [property: string]: unknown;
}

export interface MappingOptions {
  readonly stack: Stack;
  readonly queues: Queues;
  readonly lambda: Pick<LambdaService, 'find'>;
  readonly permissions: Pick<Permissions, 'authorizeRole'>;
}

/** Accepted; batching windows and concurrency don't matter to what happens here. */
const KNOWN: ReadonlySet<string> = new Set([
  'EventSourceArn',
  'FunctionName',
  'BatchSize',
  'Enabled',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'ScalingConfig',
  'Tags',
]);

const BATCH_SIZE = 10;

/** "Execution role permissions" ("Using Lambda with Amazon SQS", Lambda Developer Guide). */
const POLLER_ACTIONS = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

/** The mappings of a template that are switched on. Throws for what a deployment would refuse or this emulator can't play. */
export function readMappings(options: MappingOptions): readonly Mapping[] {
  return options.stack
    .ofType<MappingProperties>('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => properties.Enabled !== false)
    .map((resource) => naming(resource, () => readMapping(options, resource.properties)));
}

function readMapping(options: MappingOptions, properties: MappingProperties): Mapping {
  const unknown = Object.keys(properties).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw new Error(`${unknown} isn't emulated`);
  const { EventSourceArn = '', FunctionName = '', FunctionResponseTypes = [] } = properties;
  const queue = options.queues.byArn(EventSourceArn);
  if (queue === undefined)
    throw new Error(
      `its source ${EventSourceArn} is no queue of the template, and no other source is emulated`,
    );
  const found = options.lambda.find(FunctionName);
  if ('problem' in found) throw new Error(found.problem);
  checkTimeouts(options.stack, found.name, queue);
  checkRole(options, found.name, queue);
  return {
    functionName: found.name,
    queue,
    batchSize: Number(properties.BatchSize ?? BATCH_SIZE),
    reportsItems: FunctionResponseTypes.includes('ReportBatchItemFailures'),
  };
}

/** Lambda refuses such a mapping: a message would be seen again while its function still runs. */
function checkTimeouts(stack: Stack, functionName: string, { definition }: Queue): void {
  const timeout = Number(functionResource(stack, functionName).properties['Timeout'] ?? 3);
  const visibility = definition.visibilityMs / 1000;
  if (visibility < timeout)
    throw new Error(
      `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeout} seconds`,
    );
}

function checkRole(
  { stack, permissions }: MappingOptions,
  functionName: string,
  { definition }: Queue,
): void {
  const { logicalId: roleLogicalId } = roleOfFunction(stack, functionResource(stack, functionName).logicalId);
  for (const name of POLLER_ACTIONS) {
    const refusal = permissions.authorizeRole({ functionName, roleLogicalId }, `sqs:${name}`, definition.arn);
    if (refusal !== undefined)
      throw new Error(
        `The function execution role does not have permissions to call ${name} on SQS (${refusal})`,
      );
  }
}

function functionResource(stack: Stack, name: string): Resource {
  const fn = stack.ofType('AWS::Lambda::Function').find(({ ref }) => ref === name);
  if (fn === undefined) throw new Error(`the function ${name} is not in the template`);
  return fn;
}
