import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';

import { createDynamoClient } from '../../lambdas/adapters/dynamodb/client.ts';
import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';
import type { Options } from './options.ts';
import { UsageError } from './usage-error.ts';

/** Where the rows go. */
export interface Target {
  readonly table: Table;
  /** Names this very table, not another one that once had its name. */
  readonly identity: string;
}

/** What `npm start` takes from whoever runs it; no account has it. */
const EMULATOR_KEY = {
  AWS_ACCESS_KEY_ID: 'AKIALOCALOPERATOR000',
  AWS_SECRET_ACCESS_KEY: 'local-operator-secret-not-valid-on-aws-00',
} as const;
/** Nobody waits for an answer here, so calls may take their time. */
const TIMEOUTS_MS = { connect: 5_000, request: 30_000 };

export async function openTarget(options: Options): Promise<Target> {
  const emulator = options.endpoint === undefined ? undefined : await findEmulator(options.endpoint);
  const endpoint = emulator?.endpoint ?? options.endpoint;
  const tableName = options.table ?? emulator?.tableName;
  if (tableName === undefined) throw new UsageError('--table is needed: the output TableName of the stack.');
  if (options.region !== undefined) process.env['AWS_REGION'] = options.region;
  if (emulator !== undefined) useEmulatorKey();
  const client = createDynamoClient({ ...(endpoint && { endpoint }), timeoutsMs: TIMEOUTS_MS });
  const table: Table = { client, tableName, now: Date.now };
  return { table, identity: await identify(table) };
}

/** The SDK finds credentials and region in the environment. A profile would win over the key. */
function useEmulatorKey(): void {
  delete process.env['AWS_PROFILE'];
  delete process.env['AWS_SESSION_TOKEN'];
  Object.assign(process.env, EMULATOR_KEY);
  process.env['AWS_REGION'] ??= 'us-east-1';
}

/** The emulator tells its AWS address and the stack's outputs (emulator/README.md); other addresses are a DynamoDB themselves. */
async function findEmulator(
  origin: string,
): Promise<{ readonly endpoint: string; readonly tableName?: string } | undefined> {
  const health = await getJson<{ readonly urls?: { readonly aws?: string } }>(`${origin}/_emulator/health`);
  const endpoint = health?.urls?.aws;
  if (endpoint === undefined) return undefined;
  const outputs = await getJson<{ readonly TableName?: string }>(`${origin}/_emulator/outputs`);
  return { endpoint, ...(outputs?.TableName && { tableName: outputs.TableName }) };
}

async function getJson<T>(url: string): Promise<T | undefined> {
  try {
    const answer = await fetch(url);
    return answer.ok ? ((await answer.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}

/** A stack that was deleted and deployed again, or an emulator that was started again, has a new table of the same name. */
async function identify({ client, tableName }: Table): Promise<string> {
  try {
    const { Table: found } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    return `${found?.TableArn ?? tableName} of ${found?.CreationDateTime?.toISOString()}`;
  } catch (error) {
    throw new UsageError(`Table ${tableName}: ${(error as Error).message || (error as Error).name}`, {
      cause: error,
    });
  }
}
