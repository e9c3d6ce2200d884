/** The AWS endpoint with its services over a stack, and SDK clients for it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDb, type DynamoDbDependencies } from '../../../emulator/aws/dynamodb/create-dynamodb.ts';
import { createAwsEndpoint } from '../../../emulator/aws/endpoint.ts';
import { createSecretsManager } from '../../../emulator/aws/secrets-manager.ts';
import { createCredentials } from '../../../emulator/iam/credentials.ts';
import { createPermissions } from '../../../emulator/iam/policies.ts';
import type { AwsCall, Chaos, EmulatorLogEntry, IncomingEvent, Stack } from '../../../emulator/types.ts';
import { boardStack } from '../assembly/assemblies.ts';

export interface MeteredCall extends AwsCall {
  readonly event?: IncomingEvent | undefined;
}

export type Aws = Awaited<ReturnType<typeof startAws>>;

/** Time stands still until `advance`; then everything due runs, in order. */
export class FakeClock {
  #now = Date.now();
  readonly #actions = new Set<{ at: number; action: () => void }>();

  now(): number {
    return this.#now;
  }

  at(at: number, action: () => void): () => void {
    const entry = { at, action };
    this.#actions.add(entry);
    return () => void this.#actions.delete(entry);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const entry of [...this.#actions].filter(({ at }) => at <= this.#now)) {
      this.#actions.delete(entry);
      entry.action();
    }
  }
}

export const CALM: Chaos = { delay: () => 0, strikes: () => false };

interface Options extends Partial<Pick<DynamoDbDependencies, 'chaos' | 'dataDir' | 'ttlDelayMs'>> {
  readonly stack?: Stack;
}

export async function startAws({ stack = boardStack(), ...options }: Options = {}) {
  const clock = new FakeClock();
  const calls: MeteredCall[] = [];
  const logs: EmulatorLogEntry[] = [];
  const log = (entry: EmulatorLogEntry) => void logs.push(entry);
  const credentials = createCredentials(stack);
  const permissions = createPermissions(stack);
  const meter = {
    call: (event: IncomingEvent | undefined, call: AwsCall) => void calls.push({ ...call, event }),
  };
  const event = (id: number) => (id === 7 ? { id, label: 'board-sockets post' } : undefined);
  const endpoint = await createAwsEndpoint({ stack, clock, meter, credentials, permissions, event, log });
  const dynamodb = await createDynamoDb({ stack, clock, chaos: CALM, log, ...options });
  endpoint.register(dynamodb);
  endpoint.register(createSecretsManager({ stack, dataDir: options.dataDir }));
  /** Settings of an SDK client: as the function Board, or as the operator. */
  const as = (who: 'function' | 'operator') => ({
    endpoint: endpoint.url,
    region: stack.region,
    maxAttempts: 1,
    credentials: who === 'function' ? credentials.forFunction('Board') : credentials.operator,
  });
  return {
    stack,
    clock,
    calls,
    logs,
    credentials,
    permissions,
    endpoint,
    as,
    database: (who: 'function' | 'operator' = 'operator') => new DynamoDBClient(as(who)),
    close: async () => {
      await endpoint.close();
      await dynamodb.close();
    },
  };
}
