/** Every store contract on every implementation: the reference in memory, dynalite in process, DynamoDB Local if it is there. */
import { afterAll, beforeAll, describe, vi } from 'vitest';
import { createDynamoStores, type Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import { createMemoryStores } from '../../lambdas/adapters/memory/memory-stores.ts';
import type { LocalDynamo } from '../support/dynalite-server.ts';
import { createTestTable, type TestTable } from '../support/dynamo-table.ts';
import { describeLocalDynamos } from '../support/local-dynamos.ts';
import { bucketStoreContract } from './buckets.contract.ts';
import { capacityContract } from './capacity.contract.ts';
import { NOW } from './data.ts';
import { mailStoreContract } from './mail.contract.ts';
import { memberStoreContract, shardContract } from './members.contract.ts';
import { claimContract, messageStoreContract } from './messages.contract.ts';
import { notificationStoreContract, throttleStoreContract } from './notifications.contract.ts';
import { presenceStoreContract, watchContract } from './presence.contract.ts';
import { receiptContract, roomStoreContract } from './rooms.contract.ts';
import { rowContract } from './rows.contract.ts';
import { sessionRoomsContract, sessionStoreContract } from './sessions.contract.ts';
import { admissionContract, userStoreContract } from './users.contract.ts';

// DynamoDB Local answers slowly while its JVM warms up and others use the machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

const now = () => NOW;

describe('in memory', () => {
  const memory = createMemoryStores({ now });
  allContracts(() => memory);
});

describeLocalDynamos(onLocalDynamo);

function onLocalDynamo(start: () => Promise<LocalDynamo>): void {
  let server: LocalDynamo | undefined;
  let table: TestTable | undefined;
  let stores: Stores | undefined;
  beforeAll(async () => {
    server = await start();
    table = await createTestTable(server.endpoint);
    stores = createDynamoStores({ ...table, now });
  });
  afterAll(() => server?.close());
  const started = () => {
    if (stores === undefined || table === undefined) throw new Error('the local DynamoDB has not started');
    return { stores, table };
  };
  allContracts(() => started().stores);
  rowContract(started);
  capacityContract(started);
}

function allContracts(stores: () => Stores): void {
  userStoreContract(stores);
  admissionContract(stores);
  roomStoreContract(stores);
  receiptContract(stores);
  messageStoreContract(stores);
  claimContract(stores);
  memberStoreContract(stores);
  shardContract(stores);
  sessionStoreContract(stores);
  sessionRoomsContract(stores);
  watchContract(stores);
  presenceStoreContract(stores);
  notificationStoreContract(stores);
  throttleStoreContract(stores);
  bucketStoreContract(stores);
  mailStoreContract(stores);
}
