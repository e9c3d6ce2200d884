import {
  createAudience,
  createDelivery,
  createSocketMail,
  vocabulariesOf,
} from '../../../compat/audience/index.ts';
import { createReachedSessions } from '../../adapters/dynamodb/socketio/reached-sessions.ts';
import { createSocketIndex } from '../../adapters/dynamodb/socketio/sockets.ts';
import type { Table } from '../../adapters/dynamodb/table.ts';
import { createManagementClient } from '../../adapters/gateway/client.ts';
import { createConnections } from '../../adapters/gateway/management-api.ts';
import { systemClock as clock } from '../../adapters/system/clock.ts';
import { sleep } from '../../adapters/system/sleep.ts';
import type { Audience } from '../../ports/audience.ts';
import type { SocketMail } from '../../ports/mail.ts';
import type { Log } from '../../ports/runtime.ts';
import type { Namespace } from '../../ports/socketio.ts';
import { chatSettings, socketIoCallbackUrl, socketIoOptions } from '../environment.ts';

/**
 * Socket.IO sockets for the functions that do not run the Socket.IO server; call it at module scope.
 * AWS: dynamodb:Query, GetItem, UpdateItem, DeleteItem on the table; execute-api:ManageConnections (POST, DELETE) on the Socket.IO API.
 */
export function composeAudience(table: Table, log: Log): Audience {
  return createAudience({ ...parts(table, log), settings: chatSettings() });
}

/** As above, for the function `fan-out`. */
export function composeSocketMail(table: Table, log: Log): SocketMail {
  return createSocketMail(parts(table, log));
}

function parts(table: Table, log: Log) {
  const vocabularies = vocabulariesOf(chatSettings());
  const sessions = createReachedSessions(table);
  const connections = createConnections(createManagementClient(socketIoCallbackUrl()));
  const sockets = createSocketIndex(table);
  return {
    sockets,
    sessions,
    connections,
    words: (nsp: Namespace) => vocabularies.get(nsp),
    deliver: createDelivery({ sessions, sockets, connections, clock, pause: sleep }),
    clock,
    recovery: socketIoOptions().recovery !== undefined,
    log,
  };
}
