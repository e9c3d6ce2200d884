/** DynamoDB as functions see it: the tables of the template, IAM per table and index, capacity, TTL, throttling. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Authorize,
  AwsRequest,
  AwsResponse,
  AwsServiceHandler,
  Chaos,
  Clock,
  EmulatorLogEntry,
  Stack,
} from '../../types.ts';
import { awsError } from '../aws-error.ts';
import type { MeteredResponse } from '../metered-response.ts';
import { accessesOf } from './access.ts';
import { failedWriteUnits, readUnitsOf, reportCapacity, WriteCapacity } from './consumed-capacity.ts';
import {
  type Engine,
  type EngineError,
  type Input,
  isEngineError,
  openEngine,
  type Output,
} from './engine.ts';
import { createTables, type TemplateTable, templateTables } from './template-tables.ts';
import { DEFAULT_TTL_DELAY_MS, startTimeToLive } from './time-to-live.ts';

const SERVICE = 'dynamodb';
const NAMESPACE = 'com.amazonaws.dynamodb.v20120810';
const WRITES: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']);
const READS: ReadonlySet<string> = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);
/** Tables come from the template; a function that makes its own would find them missing after a deployment. */
const ADMINISTRATION: ReadonlySet<string> = new Set(['CreateTable']);

export interface DynamoDbDependencies {
  readonly stack: Stack;
  readonly clock: Pick<Clock, 'now' | 'at'>;
  readonly chaos: Chaos;
  /** Tables are kept in `<dataDir>/dynamodb`; in memory when absent. */
  readonly dataDir?: string | undefined;
  /** How late TTL deletes. Default 48 hours. */
  readonly ttlDelayMs?: number;
  readonly log: (entry: EmulatorLogEntry) => void;
}

export type DynamoDb = AwsServiceHandler & { close(): Promise<void> };

export async function createDynamoDb(dependencies: DynamoDbDependencies): Promise<DynamoDb> {
  const { stack, clock, chaos, dataDir, log, ttlDelayMs = DEFAULT_TTL_DELAY_MS } = dependencies;
  const engine = await open(stack, dataDir);
  await createTables(stack, engine).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  const tables = templateTables(stack);
  const stopTimeToLive = startTimeToLive({ engine, clock, tables, delayMs: ttlDelayMs, log });
  const service: Service = {
    engine,
    chaos,
    region: stack.region,
    accountId: stack.accountId,
    tables: new Map(tables.map((table) => [table.name, table])),
  };
  return {
    service: SERVICE,
    handle: (request, authorize) => handle(request, authorize, service),
    close: async () => {
      await stopTimeToLive();
      await engine.close();
    },
  };
}

interface Service {
  readonly engine: Engine;
  readonly chaos: Chaos;
  readonly region: string;
  readonly accountId: string;
  readonly tables: ReadonlyMap<string, TemplateTable>;
}

async function open({ region, accountId }: Stack, dataDir: string | undefined): Promise<Engine> {
  const path = dataDir === undefined ? undefined : join(dataDir, 'dynamodb');
  if (path !== undefined) mkdirSync(path, { recursive: true });
  try {
    return await openEngine({ path, region, accountId });
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new Error(
      `Cannot open the tables in ${String(path)}: ${String(cause)}. Is another emulator using this data directory?`,
      { cause: error },
    );
  }
}

async function handle(request: AwsRequest, authorize: Authorize, service: Service): Promise<MeteredResponse> {
  const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
  const isOwn = operation === 'DescribeTimeToLive';
  if (!isOwn && (!service.engine.operations.has(operation) || ADMINISTRATION.has(operation))) {
    return awsError(SERVICE, {
      code: 'UnknownOperationException',
      message: `The emulator's DynamoDB does not support ${operation || 'a request without x-amz-target'}`,
    });
  }
  const received = parse(request.body);
  if (received === undefined)
    return awsError(SERVICE, {
      code: 'SerializationException',
      message: 'The request body is not a JSON object',
    });
  replaceTableArn(received, service);
  try {
    const input = isOwn ? received : service.engine.validate(operation, { ...received });
    for (const { resource, context } of accessesOf(input, service)) {
      const refusal = authorize(request, `${SERVICE}:${operation}`, resource, context);
      if (refusal !== undefined)
        return awsError(SERVICE, { code: 'AccessDeniedException', message: refusal });
    }
    if (isOwn) return describeTimeToLive(input, service);
    const disturbed = await disturb(service.chaos);
    if (disturbed !== undefined) return disturbed;
    const done = await run(operation, input, { service, received });
    return service.chaos.strikes('lose-dynamodb') ? { ...done, ...internalError() } : done;
  } catch (error) {
    if (isEngineError(error)) return refuse(error, operation, received);
    throw error;
  }
}

async function run(
  operation: string,
  input: Input,
  { service, received }: { service: Service; received: Input },
): Promise<MeteredResponse> {
  const requested = input['ReturnConsumedCapacity'];
  const writes = WRITES.has(operation) ? new WriteCapacity() : undefined;
  if (READS.has(operation)) input['ReturnConsumedCapacity'] = 'INDEXES';
  const observe = writes === undefined ? undefined : writes.observe.bind(writes);
  const output = await service.engine.run(operation, input, observe);
  const readUnits = READS.has(operation) ? readUnitsOf(output, received) : 0;
  // Deleting or conditionally removing what isn't there reaches no item, and still costs a unit.
  const writeUnits = writes === undefined ? 0 : Math.max(1, writes.total);
  return { ...succeed(reportCapacity(output, requested, { readUnits, writes })), readUnits, writeUnits };
}

function refuse(error: EngineError, operation: string, received: Input): MeteredResponse {
  const isConditional = WRITES.has(operation) && 'existingItem' in error;
  const shown =
    isConditional &&
    received['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD' &&
    error.existingItem !== undefined
      ? { Item: error.existingItem }
      : {};
  return {
    status: error.statusCode,
    body: JSON.stringify({ ...error.body, ...shown }),
    ...(isConditional ? { writeUnits: failedWriteUnits(received, error.existingItem) } : {}),
  };
}

async function disturb(chaos: Chaos): Promise<AwsResponse | undefined> {
  const delay = chaos.delay('dynamodb');
  if (delay > 0) await sleep(delay);
  if (chaos.strikes('fail-dynamodb')) return internalError();
  if (!chaos.strikes('throttle-dynamodb')) return undefined;
  return awsError(SERVICE, {
    code: 'ProvisionedThroughputExceededException',
    namespace: NAMESPACE,
    message:
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  });
}

/** Nobody can tell whether it was done. */
function internalError(): AwsResponse {
  return awsError(SERVICE, {
    code: 'InternalServerError',
    namespace: NAMESPACE,
    status: 500,
    message: 'The request processing has failed because of an unknown error, exception or failure.',
  });
}

function describeTimeToLive(input: Input, { tables }: Service): AwsResponse {
  const table = tables.get(String(input['TableName']));
  if (table === undefined) {
    const message = `Requested resource not found: Table: ${String(input['TableName'])} not found`;
    return awsError(SERVICE, { code: 'ResourceNotFoundException', namespace: NAMESPACE, message });
  }
  const { ttlAttribute } = table;
  return succeed({
    TimeToLiveDescription:
      ttlAttribute === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: ttlAttribute },
  });
}

/** "You can also provide the Amazon Resource Name (ARN) of the table in this parameter." */
function replaceTableArn(input: Input, { tables }: Service): void {
  const name = input['TableName'];
  if (typeof name !== 'string' || !name.startsWith('arn:')) return;
  for (const table of tables.values()) if (table.arn === name) input['TableName'] = table.name;
}

function parse(body: Buffer): Input | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Input)
      : undefined;
  } catch {
    return undefined;
  }
}

function succeed(output: Output): AwsResponse {
  return { status: 200, body: JSON.stringify(output) };
}
