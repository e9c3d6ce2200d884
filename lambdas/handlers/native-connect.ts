/** `$connect` of the native WebSocket API. AWS: dynamodb:PutItem, UpdateItem, DeleteItem on the table. */
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createSessionStore } from '../adapters/dynamodb/sessions.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { logLevel, tableName } from './environment.ts';
import { serveConnect } from './native/connect.ts';
import type { WebSocketEvent } from './native/events.ts';

const table = { tableName: tableName(), client: createDynamoClient(), now: () => systemClock.now() };
const sessions = createSessionStore(table);
const log = createLogger({ level: logLevel(), fields: { function: 'native-connect' } });

export function handler(event: WebSocketEvent) {
  return serveConnect({ sessions, log }, event);
}
