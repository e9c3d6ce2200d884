import { randomBytes } from 'node:crypto';
import {
  application,
  type Bridge,
  type BridgeDeps,
  createBridge,
  createRuntime,
} from '../../../compat/index.ts';
import { createDynamoClient } from '../../adapters/dynamodb/client.ts';
import { createSocketIoStores } from '../../adapters/dynamodb/socketio/create-socketio-stores.ts';
import { createManagementClient } from '../../adapters/gateway/client.ts';
import { createConnections } from '../../adapters/gateway/management-api.ts';
import { systemClock as clock } from '../../adapters/system/clock.ts';
import type { Log } from '../../ports/runtime.ts';
import { socketIoCallbackUrl, socketIoOptions, tableName } from '../environment.ts';

/** The bridge as every function of it has it; call it at module scope. `sendOpen` where `$connect` is served. */
export function composeBridge(log: Log, sendOpen?: BridgeDeps['sendOpen']): Bridge {
  return createBridge({
    stores: createSocketIoStores({
      tableName: tableName(),
      client: createDynamoClient(),
      now: () => clock.now(),
    }),
    gateway: createConnections(createManagementClient(socketIoCallbackUrl())),
    clock,
    log,
    random: randomBytes,
    options: socketIoOptions(),
    createRuntime,
    application,
    ...(sendOpen === undefined ? {} : { sendOpen }),
  });
}
