/** The contracts of the Socket.IO bridge's stores on every implementation, as stores.test.ts for the others. */
import { afterAll, beforeAll, describe, vi } from 'vitest';
import { createSocketIoStores } from '../../lambdas/adapters/dynamodb/socketio/create-socketio-stores.ts';
import { createMemorySocketIoStores } from '../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { LocalDynamo } from '../support/dynalite-server.ts';
import { createTestTable } from '../support/dynamo-table.ts';
import { describeLocalDynamos } from '../support/local-dynamos.ts';
import { NOW } from './data.ts';
import { commitContract, enqueueContract } from './engine-commits.contract.ts';
import { drainContract, leaseContract } from './engine-polls.contract.ts';
import { holdContract, recoveryContract, ringContract } from './engine-recovery.contract.ts';
import { engineSessionContract, upgradeContract } from './engine-sessions.contract.ts';
import { ackContract, packetLogContract } from './packets.contract.ts';
import { socketIoCapacityContract } from './socketio-capacity.contract.ts';
import type { SocketIoSubject, SocketIoTable } from './socketio-data.ts';
import { socketIoRowContract } from './socketio-rows.contract.ts';
import { socketIndexContract, socketShardContract } from './sockets.contract.ts';

// DynamoDB Local answers slowly while its JVM warms up and others use the machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

describe('in memory', () => {
  const clock = { at: NOW };
  const stores = createMemorySocketIoStores({ now: () => clock.at });
  allContracts(() => ({ stores, clock }));
});

describeLocalDynamos(onLocalDynamo);

function onLocalDynamo(start: () => Promise<LocalDynamo>): void {
  let server: LocalDynamo | undefined;
  let subject: SocketIoTable | undefined;
  beforeAll(async () => {
    server = await start();
    const clock = { at: NOW };
    const table = { ...(await createTestTable(server.endpoint)), now: () => clock.at };
    const another = () => createSocketIoStores(table);
    subject = { table, clock, stores: another(), another };
  });
  afterAll(() => server?.close());
  const started = () => {
    if (subject === undefined) throw new Error('the local DynamoDB has not started');
    return subject;
  };
  allContracts(started);
  socketShardContract(started);
  socketIoRowContract(started);
  socketIoCapacityContract(started);
}

function allContracts(subject: () => SocketIoSubject): void {
  engineSessionContract(subject);
  upgradeContract(subject);
  leaseContract(subject);
  drainContract(subject);
  commitContract(subject);
  enqueueContract(subject);
  recoveryContract(subject);
  ringContract(subject);
  holdContract(subject);
  socketIndexContract(subject);
  packetLogContract(subject);
  ackContract(subject);
}
