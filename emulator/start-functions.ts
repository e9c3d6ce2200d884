import type { EdgeServices } from './apigateway/services.ts';
import { createEvents } from './aws/events.ts';
import { createLambdaApi } from './aws/lambda-api.ts';
import { createSqs } from './aws/sqs.ts';
import type { AwsEndpoint } from './aws/endpoint.ts';
import type { DueWork } from './control/due-work.ts';
import { createEventBus } from './events/bus.ts';
import type { Credentials } from './iam/credentials.ts';
import type { Permissions } from './iam/policies.ts';
import { mayInvoke } from './iam/resource-policy.ts';
import { readDestinations } from './lambda/destinations.ts';
import { createEventQueue } from './lambda/event-queue.ts';
import { createLambdaService } from './lambda/service.ts';
import type { EventMeter } from './meter/meter.ts';
import { createScheduler, type Scheduler } from './scheduler/scheduler.ts';
import { readMappings } from './sqs/mappings.ts';
import { startPoller } from './sqs/poller.ts';
import { createQueues } from './sqs/queues.ts';
import type {
  AwsServiceHandler,
  Clock,
  EmulatorOptions,
  InvokeSource,
  LambdaService,
  Stack,
} from './types.ts';

export interface FunctionDependencies extends Pick<EdgeServices, 'chaos' | 'log'> {
  readonly stack: Stack;
  readonly clock: Clock;
  readonly meter: EventMeter;
  readonly permissions: Permissions;
  readonly credentials: Credentials;
  readonly endpoint: AwsEndpoint;
  readonly due: DueWork;
}

/** The functions and what calls them besides APIs. */
export interface Functions {
  readonly lambda: LambdaService;
  /** The APIs of Lambda (Invoke), SQS and EventBridge. */
  readonly apis: readonly AwsServiceHandler[];
  readonly scheduler: Scheduler;
  reload(stack: Stack): void;
}

export function startFunctions(options: EmulatorOptions, base: FunctionDependencies): Functions {
  // Invoke permissions are those of the stack that runs now; roles stay those of the start.
  let current = base.stack;
  const latency = options.latency ?? 'none';
  const lambda = createLambdaService({
    ...base,
    awsEndpoint: () => base.endpoint.nextUrl(),
    credentials: (fn) => base.credentials.forFunction(fn),
    mayInvoke: (fn, source) => mayInvoke(current, fn, source),
    runs: (fn) => notePlatformUse(current, fn, base.permissions),
    latency,
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
  });
  const queues = createQueues(base.stack, base.clock);
  const destinations = readDestinations({ ...base, queues });
  const queue = createEventQueue({ ...base, lambda, latency, destinations });
  const scheduler = createScheduler({
    ...base,
    lambda,
    queue,
    mayInvoke: (name, source) => mayInvokeByName(current, name, source),
  });
  for (const mapping of readMappings({ ...base, queues, lambda })) startPoller({ ...base, lambda }, mapping);
  const bus = createEventBus({
    ...base,
    lambda,
    queues,
    queue,
    mayInvoke: (name, source) => mayInvokeByName(current, name, source),
  });
  return {
    lambda,
    apis: [createLambdaApi({ ...base, lambda, queue }), createSqs(queues), createEvents(bus)],
    scheduler,
    reload: (next) => lambda.reload((current = next)),
  };
}

function mayInvokeByName(stack: Stack, name: string, source: InvokeSource): boolean {
  const fn = stack.ofType('AWS::Lambda::Function').find(({ ref }) => ref === name);
  return fn !== undefined && mayInvoke(stack, fn.logicalId, source);
}

/** A function that runs writes its log and its trace with its role, which no SDK call shows. */
const LOG_ACTIONS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const TRACE_ACTIONS = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

function notePlatformUse(stack: Stack, fn: string, permissions: Permissions): void {
  const tracing = stack.get(fn)?.properties['TracingConfig'] as { Mode?: string } | undefined;
  const actions = tracing?.Mode === 'Active' ? [...LOG_ACTIONS, ...TRACE_ACTIONS] : LOG_ACTIONS;
  for (const action of actions) permissions.notePlatformUse(fn, action);
}
