/** `$connect` of the native WebSocket API. AWS: dynamodb:PutItem, UpdateItem, DeleteItem, Query on the table; sqs:SendMessage on the later queue. */
import { createBucketStore } from '../adapters/dynamodb/buckets.ts';
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createSessionStore } from '../adapters/dynamodb/sessions.ts';
import { createSocketIndex } from '../adapters/dynamodb/socketio/sockets.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createLater, createQueueClient } from '../adapters/sqs/later.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { createConnectGuard } from '../app/connection-limit.ts';
import { createRateLimiter } from '../app/rate-limit.ts';
import { chatSettings, clientLimits, laterQueueUrl, logLevel, tableName } from './environment.ts';
import { serveConnect } from './native/connect.ts';
import type { WebSocketEvent } from './native/events.ts';

const table = { tableName: tableName(), client: createDynamoClient(), now: () => systemClock.now() };
const sessions = createSessionStore(table);
const log = createLogger({ level: logLevel(), fields: { function: 'native-connect' } });
const later = createLater(createQueueClient(), laterQueueUrl());
const limits = clientLimits();
const guard = createConnectGuard({
  rates: createRateLimiter({ buckets: createBucketStore(table), limits, log }),
  sessions,
  sockets: createSocketIndex(table),
  namespaces: Object.keys(chatSettings().namespaces),
  connectionsPerUser: limits.connectionsPerUser,
});

export function handler(event: WebSocketEvent) {
  return serveConnect({ sessions, later, log, guard }, event);
}
