import { setTimeout as wait } from 'node:timers/promises';
import type { EdgeServices } from './apigateway/services.ts';
import { loadStack } from './assembly/load-stack.ts';
import { createDynamoDb } from './aws/dynamodb/create-dynamodb.ts';
import { createAwsEndpoint, type AwsEndpoint } from './aws/endpoint.ts';
import { createSecretsManager } from './aws/secrets-manager.ts';
import { createChaos, forcible, type ForcedChaos } from './control/chaos.ts';
import { createClock } from './control/clock.ts';
import { createDueWork, type DueWork } from './control/due-work.ts';
import { createCredentials } from './iam/credentials.ts';
import { createPermissions, type Permissions } from './iam/policies.ts';
import { LATENCY_MS } from './lambda/latency.ts';
import { createMeter, type EventMeter } from './meter/meter.ts';
import { startFunctions } from './start-functions.ts';
import type { AwsServiceHandler, Clock, EmulatorOptions, Stack } from './types.ts';

/** Everything behind the APIs: functions, the AWS services they call, and what watches over them. */
export interface Platform {
  readonly stack: Stack;
  readonly clock: Clock;
  readonly chaos: ForcedChaos;
  /** Schedules and retries. */
  readonly due: DueWork;
  readonly meter: EventMeter;
  readonly permissions: Permissions;
  readonly endpoint: AwsEndpoint;
  readonly services: EdgeServices;
  /** Adds the typical AWS latency of the service when the options ask for it. */
  withLatency(handler: AwsServiceHandler): AwsServiceHandler;
  /** From now on schedules run. */
  startSchedules(): void;
  /** Code and invoke permissions of the functions, from a stack with the same resources. */
  reload(stack: Stack): void;
  close(): Promise<void>;
}

export async function startPlatform(options: EmulatorOptions): Promise<Platform> {
  const log = options.log ?? (() => {});
  const stack = loadStack(options.assembly);
  const [clock, chaos] = [createClock(), forcible(createChaos(options.chaosSeed, options))];
  const meter = createMeter({ architecture: architectureOf(stack) });
  const [credentials, permissions] = [createCredentials(stack), createPermissions(stack)];
  const due = createDueWork(clock);
  const event = (id: number) => meter.event(id);
  const endpoint = await createAwsEndpoint({ stack, clock, meter, credentials, permissions, event, log });
  try {
    const withLatency = options.latency === 'aws' ? delayed : (handler: AwsServiceHandler) => handler;
    const base = { stack, clock, meter, chaos, permissions, credentials, endpoint, due, log };
    const functions = startFunctions(options, base);
    const { lambda } = functions;
    const dynamoDb = await createDynamoDb({ stack, clock, chaos, dataDir: options.dataDir, log });
    for (const handler of [
      dynamoDb,
      createSecretsManager({ stack, dataDir: options.dataDir }),
      ...functions.apis,
    ])
      endpoint.register(withLatency(handler));
    const services: EdgeServices = { clock, meter, chaos, lambda, log };
    const startSchedules = () => functions.scheduler.start();
    const reload = (next: Stack) => functions.reload(next);
    const close = async () => {
      due.close();
      await lambda.close();
      await endpoint.close();
      await dynamoDb.close();
    };
    const running = { services, withLatency, startSchedules, reload, close };
    return { stack, clock, chaos, due, meter, permissions, endpoint, ...running };
  } catch (error) {
    await endpoint.close();
    throw error;
  }
}

/** AWS::Lambda::Function Architectures: x86_64 unless the template says otherwise. Of mixed ones the dearer price counts. */
function architectureOf(stack: Stack): 'arm64' | 'x86_64' {
  const functions = stack.ofType<{ Architectures?: readonly string[] }>('AWS::Lambda::Function');
  return functions.every(({ properties }) => properties.Architectures?.[0] === 'arm64') ? 'arm64' : 'x86_64';
}

const LATENCIES: Readonly<Record<string, number>> = {
  dynamodb: LATENCY_MS.dynamodb,
  secretsmanager: LATENCY_MS.secretsmanager,
  lambda: LATENCY_MS.invokeApi,
  'execute-api': LATENCY_MS.post,
  sqs: LATENCY_MS.queueApi,
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
