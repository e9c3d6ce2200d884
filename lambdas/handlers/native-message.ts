/**
 * All message routes of the native WebSocket API. AWS: dynamodb:GetItem, PutItem, UpdateItem, DeleteItem, Query on the table;
 * execute-api:ManageConnections (POST, DELETE) on the API's connections and on those of the Socket.IO API; lambda:InvokeFunction on `fan-out`.
 */
import { createBucketStore } from '../adapters/dynamodb/buckets.ts';
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createMemberStore } from '../adapters/dynamodb/members.ts';
import { createMessageStore } from '../adapters/dynamodb/messages.ts';
import { createNotificationStore } from '../adapters/dynamodb/notifications.ts';
import { createRoomStore } from '../adapters/dynamodb/rooms.ts';
import { createSessionStore } from '../adapters/dynamodb/sessions.ts';
import { createManagementClient } from '../adapters/gateway/client.ts';
import { createGateway } from '../adapters/gateway/management-api.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { sleep } from '../adapters/system/sleep.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { createMembershipMemo } from '../app/membership-memo.ts';
import { createRateLimiter } from '../app/rate-limit.ts';
import { nativeDialect } from '../wire/encode.ts';
import { clientLimits, logLevel, nativeCallbackUrl, tableName } from './environment.ts';
import type { MessageEvent } from './native/events.ts';
import { serveMessage } from './native/message.ts';
import { composePostman } from './compose-postman.ts';
import { composeAudience } from './socketio/compose-audience.ts';

const table = { tableName: tableName(), client: createDynamoClient(), now: () => systemClock.now() };
const log = createLogger({ level: logLevel(), fields: { function: 'native-message' } });
const limits = clientLimits();
const deps = {
  rooms: createRoomStore(table),
  messages: createMessageStore(table),
  notifications: createNotificationStore(table),
  members: createMemberStore(table),
  sessions: createSessionStore(table, limits.roomsPerSession),
  gateway: createGateway({ clients: { native: createManagementClient(nativeCallbackUrl()) } }),
  audience: composeAudience(table, log),
  dialects: { native: nativeDialect },
  memo: createMembershipMemo(),
  postman: composePostman(),
  clock: systemClock,
  pause: sleep,
  rates: createRateLimiter({ buckets: createBucketStore(table), limits, log }),
  log,
};

export function handler(event: MessageEvent) {
  return serveMessage(deps, event);
}
