/** `$disconnect` of the native WebSocket API. AWS: dynamodb:DeleteItem on the table; sqs:SendMessage on the later queue. */
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createMemberStore } from '../adapters/dynamodb/members.ts';
import { createSessionStore } from '../adapters/dynamodb/sessions.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createLater, createQueueClient } from '../adapters/sqs/later.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { laterQueueUrl, logLevel, tableName } from './environment.ts';
import { serveDisconnect } from './native/disconnect.ts';
import type { WebSocketEvent } from './native/events.ts';

const table = { tableName: tableName(), client: createDynamoClient(), now: () => systemClock.now() };
const sessions = createSessionStore(table);
const members = createMemberStore(table);
const log = createLogger({ level: logLevel(), fields: { function: 'native-disconnect' } });
const later = createLater(createQueueClient(), laterQueueUrl());

export function handler(event: WebSocketEvent) {
  return serveDisconnect({ sessions, members, later, log }, event);
}
