import { createAudience, createDelivery, vocabulariesOf } from '../../../compat/audience/index.ts';
import { createEngineSessionStore } from '../../adapters/dynamodb/socketio/sessions.ts';
import { createSocketIndex } from '../../adapters/dynamodb/socketio/sockets.ts';
import type { Table } from '../../adapters/dynamodb/table.ts';
import { createManagementClient } from '../../adapters/gateway/client.ts';
import { createConnections } from '../../adapters/gateway/management-api.ts';
import type { Audience } from '../../ports/audience.ts';
import type { Log } from '../../ports/runtime.ts';
import { chatSettings, socketIoCallbackUrl, socketIoOptions } from '../environment.ts';

/**
 * Socket.IO sockets for the functions that do not run the Socket.IO server; call it at module scope.
 * AWS: dynamodb:Query, GetItem, UpdateItem, DeleteItem on the table; execute-api:ManageConnections (POST) on the Socket.IO API.
 */
export function composeAudience(table: Table, log: Log): Audience {
  const settings = chatSettings();
  const vocabularies = vocabulariesOf(settings);
  const sessions = createEngineSessionStore(table);
  const connections = createConnections(createManagementClient(socketIoCallbackUrl()));
  return createAudience({
    sockets: createSocketIndex(table),
    sessions,
    settings,
    words: (nsp) => vocabularies.get(nsp),
    deliver: createDelivery({ sessions, connections }),
    recovery: socketIoOptions().recovery !== undefined,
    log,
  });
}
