/**
 * Every minute: Socket.IO's pings, and the end of those who do not answer. AWS: dynamodb:GetItem, PutItem, UpdateItem,
 * DeleteItem, Query on the table; execute-api:ManageConnections (POST, DELETE) on the connections of the Socket.IO API.
 */
import { systemClock } from '../adapters/system/clock.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { logLevel } from './environment.ts';
import { composeBridge } from './socketio/compose.ts';

/** What the sweep may need to end after it was told to. */
const MARGIN_MS = 3_000;

const bridge = composeBridge(createLogger({ level: logLevel(), fields: { function: 'sweep' } }));

export function handler(_event: unknown, context: { getRemainingTimeInMillis(): number }) {
  return bridge.sweep(systemClock.now() + context.getRemainingTimeInMillis() - MARGIN_MS);
}
