/**
 * Notifications and events of back ends: a rule of EventBridge, and the Emitter (compat/emitter). AWS: dynamodb:BatchGetItem, GetItem, Query,
 * PutItem, UpdateItem, DeleteItem on the table; execute-api:ManageConnections (POST, DELETE) on the connections of the native and the Socket.IO API; lambda:InvokeFunction
 * on `fan-out`.
 */
import { createDelivery, createEmit } from '../../compat/audience/index.ts';
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createMemberStore } from '../adapters/dynamodb/members.ts';
import { createNotificationStore } from '../adapters/dynamodb/notifications.ts';
import { createSessionStore } from '../adapters/dynamodb/sessions.ts';
import { createPacketLog } from '../adapters/dynamodb/socketio/packets.ts';
import { createReachedSessions } from '../adapters/dynamodb/socketio/reached-sessions.ts';
import { createSocketIndex } from '../adapters/dynamodb/socketio/sockets.ts';
import { createUserStore } from '../adapters/dynamodb/users.ts';
import { createManagementClient } from '../adapters/gateway/client.ts';
import { createConnections, createGateway } from '../adapters/gateway/management-api.ts';
import { systemClock as clock } from '../adapters/system/clock.ts';
import { sleep } from '../adapters/system/sleep.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { nativeDialect } from '../wire/encode.ts';
import {
  logLevel,
  nativeCallbackUrl,
  socketIoCallbackUrl,
  socketIoOptions,
  tableName,
} from './environment.ts';
import { serveNotice } from './notify/serve.ts';
import { composePostman } from './compose-postman.ts';
import { composeAudience } from './socketio/compose-audience.ts';

const table = { tableName: tableName(), client: createDynamoClient(), now: () => clock.now() };
const log = createLogger({ level: logLevel(), fields: { function: 'notify' } });
const { recovery, heartbeat } = socketIoOptions();
const connections = createConnections(createManagementClient(socketIoCallbackUrl()));
const deps = {
  notifications: createNotificationStore(table),
  users: createUserStore(table),
  members: createMemberStore(table),
  sessions: createSessionStore(table),
  gateway: createGateway({ clients: { native: createManagementClient(nativeCallbackUrl()) } }),
  audience: composeAudience(table, log),
  dialects: { native: nativeDialect },
  postman: composePostman(),
  emit: createEmit({
    sockets: createSocketIndex(table),
    packets: createPacketLog(table),
    deliver: createDelivery({
      sessions: createReachedSessions(table),
      sockets: createSocketIndex(table),
      connections,
      clock,
      pause: sleep,
    }),
    ...(recovery === undefined
      ? {}
      : { recovery: { keepMs: recovery.windowMs + heartbeat.pingIntervalMs + heartbeat.pingTimeoutMs } }),
    clock,
    log,
  }),
  clock,
  log,
};

export function handler(event: unknown) {
  return serveNotice(deps, event);
}
