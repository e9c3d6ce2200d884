/** A Lambda service over fixture functions, without a template: only what the service asks of a Stack. */
import { fileURLToPath } from 'node:url';
import { createChaos } from '../../../emulator/control/chaos.ts';
import { createClock } from '../../../emulator/control/clock.ts';
import { createLambdaService } from '../../../emulator/lambda/service.ts';
import type { LambdaServiceOptions } from '../../../emulator/lambda/service.ts';
import { createMeter } from '../../../emulator/meter/meter.ts';
import type { EmulatorLogEntry, InvokeOutcome, Resource, Stack } from '../../../emulator/types.ts';

export const SOURCE = {
  principal: 'apigateway.amazonaws.com',
  sourceArn: 'arn:aws:execute-api:us-east-1:123456789012:abc/*',
};

export interface FakeFunction {
  /** Directory in test/fixtures/functions, or an absolute one. Default toolbox. */
  readonly code?: string;
  readonly properties?: Record<string, unknown>;
}

export function fixture(name: string): string {
  return name.startsWith('/')
    ? name
    : fileURLToPath(new URL(`../../fixtures/functions/${name}`, import.meta.url));
}

export function arnOf(name: string): string {
  return `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
}

export function fakeStack(
  functions: Readonly<Record<string, FakeFunction>>,
  others: readonly Resource[] = [],
): Stack {
  const resources: Resource[] = Object.entries(functions).map(([logicalId, { properties }]) => ({
    logicalId,
    type: 'AWS::Lambda::Function',
    properties: {
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      MemorySize: 256,
      Timeout: 5,
      ...properties,
    },
    ref: logicalId,
    arn: arnOf(logicalId),
  }));
  const all = [...resources, ...others];
  return {
    name: 'test',
    region: 'us-east-1',
    accountId: '123456789012',
    ofType: <P>(type: string) =>
      all.filter((resource): resource is Resource<P> & Resource => resource.type === type),
    get: (logicalId) => all.find((resource) => resource.logicalId === logicalId),
    resolve: (value) => value,
    asset: () => undefined,
    assetDirectory: (logicalId) => fixture(functions[logicalId]?.code ?? 'toolbox'),
    outputs: {},
  };
}

export interface Harness {
  readonly service: ReturnType<typeof createLambdaService>;
  readonly meter: ReturnType<typeof createMeter>;
  readonly clock: ReturnType<typeof createClock>;
  readonly logs: EmulatorLogEntry[];
  /** Invokes as API Gateway would, for an event of its own. */
  invoke(fn: string, payload?: unknown): Promise<InvokeOutcome>;
  /** Payload of a successful invocation. */
  ask<T>(fn: string, payload?: unknown): Promise<T>;
}

export function startLambda(
  functions: Readonly<Record<string, FakeFunction>>,
  options: Partial<LambdaServiceOptions> = {},
): Harness {
  const logs: EmulatorLogEntry[] = [];
  const meter = createMeter();
  const clock = createClock();
  const service = createLambdaService({
    stack: fakeStack(functions),
    clock,
    meter,
    chaos: createChaos(),
    awsEndpoint: () => 'http://127.0.0.1:9',
    credentials: (id) => ({ accessKeyId: `AKIA${id}`, secretAccessKey: 'secret', sessionToken: 'token' }),
    mayInvoke: () => true,
    log: (entry) => logs.push(entry),
    ...options,
  });
  async function invoke(fn: string, payload?: unknown): Promise<InvokeOutcome> {
    const event = meter.open('test event');
    try {
      return await service.invoke(fn, payload, SOURCE, event);
    } finally {
      meter.close(event);
    }
  }
  async function ask<T>(fn: string, payload?: unknown): Promise<T> {
    const outcome = await invoke(fn, payload);
    if (outcome.kind !== 'ok') throw new Error(`Expected a result, got ${JSON.stringify(outcome)}`);
    return outcome.payload as T;
  }
  return { service, meter, clock, logs, invoke, ask };
}
