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
import { chatSettings, socketIoCallbackUrl, socketIoOptions, tableName } from '../environment.ts';
import { composeChat } from './compose-chat.ts';

/** The bridge as every function of it has it; call it at module scope. `sendOpen` where `$connect` is served. */
export function composeBridge(log: Log, sendOpen?: BridgeDeps['sendOpen']): Bridge {
  const table = { tableName: tableName(), client: createDynamoClient(), now: () => clock.now() };
  const stores = createSocketIoStores(table);
  const settings = chatSettings();
  const options = socketIoOptions();
  return createBridge({
    stores,
    gateway: createConnections(createManagementClient(socketIoCallbackUrl())),
    clock,
    log,
    random: randomBytes,
    options,
    createRuntime: (deps) =>
      createRuntime({
        ...deps,
        chat: composeChat(table, settings, {
          ...stores,
          log,
          recovery: options.recovery !== undefined,
          deliver: (to, packets) => deps.sessions.deliver(to, packets),
        }),
      }),
    application,
    ...(sendOpen === undefined ? {} : { sendOpen }),
  });
}
