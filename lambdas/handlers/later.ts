/**
 * What was put off (ports/later.ts), from its queue. AWS: dynamodb:GetItem, Query, PutItem, UpdateItem, DeleteItem on the table;
 * execute-api:ManageConnections (POST) on the connections of the native and the Socket.IO API, GET on those of the native one;
 * sqs:SendMessage on the queue, and ReceiveMessage, DeleteMessage, GetQueueAttributes for Lambda's pollers.
 */
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createMemberStore } from '../adapters/dynamodb/members.ts';
import { createPresenceStore } from '../adapters/dynamodb/presence.ts';
import { createRoomStore } from '../adapters/dynamodb/rooms.ts';
import { createSessionStore } from '../adapters/dynamodb/sessions.ts';
import { createEngineSessionStore } from '../adapters/dynamodb/socketio/sessions.ts';
import { createManagementClient } from '../adapters/gateway/client.ts';
import { createGateway } from '../adapters/gateway/management-api.ts';
import { systemClock as clock } from '../adapters/system/clock.ts';
import { createLater, createQueueClient } from '../adapters/sqs/later.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { performLater } from '../app/perform-later.ts';
import { nativeDialect } from '../wire/encode.ts';
import { laterQueueUrl, logLevel, nativeCallbackUrl, presenceSettings, tableName } from './environment.ts';
import { consume, type QueueEvent } from './later/consume.ts';
import { composeAudience } from './socketio/compose-audience.ts';

const table = { tableName: tableName(), client: createDynamoClient(), now: () => clock.now() };
const log = createLogger({ level: logLevel(), fields: { function: 'later' } });
const deps = {
  rooms: createRoomStore(table),
  presence: createPresenceStore(table),
  later: createLater(createQueueClient(), laterQueueUrl()),
  ...presenceSettings(),
  members: createMemberStore(table),
  sessions: createSessionStore(table),
  engineSessions: createEngineSessionStore(table),
  gateway: createGateway({ clients: { native: createManagementClient(nativeCallbackUrl()) } }),
  audience: composeAudience(table, log),
  dialects: { native: nativeDialect },
  now: () => clock.now(),
  log,
};

export function handler(event: QueueEvent) {
  return consume({ log, perform: (task) => performLater(deps, task) }, event);
}
