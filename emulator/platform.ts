import { setTimeout as wait } from 'node:timers/promises';
import type { EdgeServices } from './apigateway/services.ts';
import { loadStack } from './assembly/load-stack.ts';
import { createDynamoDb } from './aws/dynamodb/create-dynamodb.ts';
import { createAwsEndpoint, type AwsEndpoint } from './aws/endpoint.ts';
import { createSecretsManager } from './aws/secrets-manager.ts';
import { createChaos } from './control/chaos.ts';
import { createClock } from './control/clock.ts';
import { createCredentials, type Credentials } from './iam/credentials.ts';
import { createPermissions, type Permissions } from './iam/policies.ts';
import { mayInvoke } from './iam/resource-policy.ts';
import { LATENCY_MS } from './lambda/latency.ts';
import { createLambdaService } from './lambda/service.ts';
import { createMeter, type EventMeter } from './meter/meter.ts';
import type { AwsServiceHandler, Clock, EmulatorOptions, InvokeSource, Stack } from './types.ts';

/** Everything behind the APIs: functions, the AWS services they call, and what watches over them. */
export interface Platform {
  readonly stack: Stack;
  readonly clock: Clock;
  readonly meter: EventMeter;
  readonly permissions: Permissions;
  readonly endpoint: AwsEndpoint;
  readonly services: EdgeServices;
  /** Adds the typical AWS latency of the service when the options ask for it. */
  withLatency(handler: AwsServiceHandler): AwsServiceHandler;
  /** Code and invoke permissions of the functions, from a stack with the same resources. */
  reload(stack: Stack): void;
  close(): Promise<void>;
}

export async function startPlatform(options: EmulatorOptions): Promise<Platform> {
  const log = options.log ?? (() => {});
  const stack = loadStack(options.assembly);
  const [clock, chaos] = [createClock(), createChaos(options.chaosSeed)];
  const meter = createMeter({ architecture: architectureOf(stack) });
  const [credentials, permissions] = [createCredentials(stack), createPermissions(stack)];
  const event = (id: number) => meter.event(id);
  const endpoint = await createAwsEndpoint({ stack, clock, meter, credentials, permissions, event, log });
  try {
    const withLatency = options.latency === 'aws' ? delayed : (handler: AwsServiceHandler) => handler;
    const dynamoDb = await createDynamoDb({ stack, clock, chaos, dataDir: options.dataDir, log });
    endpoint.register(withLatency(dynamoDb));
    endpoint.register(withLatency(createSecretsManager({ stack, dataDir: options.dataDir })));
    const base = { stack, clock, meter, chaos, permissions, credentials, endpoint, log };
    const { lambda, reload } = startFunctions(options, base);
    const services: EdgeServices = { clock, meter, chaos, lambda, log };
    const close = async () => {
      await lambda.close();
      await endpoint.close();
      await dynamoDb.close();
    };
    return { stack, clock, meter, permissions, endpoint, services, withLatency, reload, close };
  } catch (error) {
    await endpoint.close();
    throw error;
  }
}

type Base = Pick<Platform, 'stack' | 'clock' | 'meter' | 'permissions' | 'endpoint'> &
  Pick<EdgeServices, 'chaos' | 'log'> & { readonly credentials: Credentials };

function startFunctions(options: EmulatorOptions, base: Base) {
  // Invoke permissions are those of the stack that runs now; roles stay those of the start.
  let current = base.stack;
  const lambda = createLambdaService({
    ...base,
    awsEndpoint: base.endpoint.url,
    credentials: (fn) => base.credentials.forFunction(fn),
    mayInvoke: (fn, source) => invoke(current, base.permissions, { fn, source }),
    latency: options.latency ?? 'none',
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
  });
  return { lambda, reload: (next: Stack) => lambda.reload((current = next)) };
}

/** AWS::Lambda::Function Architectures: x86_64 unless the template says otherwise. Of mixed ones the dearer price counts. */
function architectureOf(stack: Stack): 'arm64' | 'x86_64' {
  const functions = stack.ofType<{ Architectures?: readonly string[] }>('AWS::Lambda::Function');
  return functions.every(({ properties }) => properties.Architectures?.[0] === 'arm64') ? 'arm64' : 'x86_64';
}

/** A function that runs writes its log and its trace with its role, which no SDK call shows. */
const PLATFORM_ACTIONS = [
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
];

function invoke(
  stack: Stack,
  permissions: Permissions,
  { fn, source }: { fn: string; source: InvokeSource },
): boolean {
  const allowed = mayInvoke(stack, fn, source);
  if (allowed) for (const action of actionsOf(stack, fn)) permissions.notePlatformUse(fn, action);
  return allowed;
}

function actionsOf(stack: Stack, fn: string): readonly string[] {
  const tracing = stack.get(fn)?.properties['TracingConfig'] as { Mode?: string } | undefined;
  return tracing?.Mode === 'Active'
    ? PLATFORM_ACTIONS
    : PLATFORM_ACTIONS.filter((action) => action.startsWith('logs:'));
}

const LATENCIES: Readonly<Record<string, number>> = {
  dynamodb: LATENCY_MS.dynamodb,
  secretsmanager: LATENCY_MS.secretsmanager,
  'execute-api': LATENCY_MS.post,
};

function delayed(handler: AwsServiceHandler): AwsServiceHandler {
  return {
    service: handler.service,
    async handle(request, authorize) {
      await wait(LATENCIES[handler.service] ?? 0);
      return handler.handle(request, authorize);
    },
  };
}
