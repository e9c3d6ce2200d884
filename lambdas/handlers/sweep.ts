/**
 * Every minute: Socket.IO's pings, and the end of those who do not answer; native connections, and who is online. AWS:
 * dynamodb:GetItem, PutItem, UpdateItem, DeleteItem, Query on the table; execute-api:ManageConnections (POST, DELETE) on the
 * connections of the Socket.IO API, (POST, GET, DELETE) on those of the native one; sqs:SendMessage on the later queue.
 */
import { createAttention } from '../../compat/index.ts';
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createMemberStore } from '../adapters/dynamodb/members.ts';
import { createPresenceStore } from '../adapters/dynamodb/presence.ts';
import { createSessionStore } from '../adapters/dynamodb/sessions.ts';
import { createManagementClient } from '../adapters/gateway/client.ts';
import { createGateway } from '../adapters/gateway/management-api.ts';
import { createLater, createQueueClient } from '../adapters/sqs/later.ts';
import { systemClock as clock } from '../adapters/system/clock.ts';
import { sleep } from '../adapters/system/sleep.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { createPace } from '../app/pace.ts';
import { CLOSING } from '../manifest/limits.ts';
import {
  chatSettings,
  laterQueueUrl,
  logLevel,
  nativeCallbackUrl,
  socketIoOptions,
  tableName,
} from './environment.ts';
import { composeAudience } from './socketio/compose-audience.ts';
import { composeBridge } from './socketio/compose.ts';
import { createConnectionSweep } from './sweep/connections.ts';

/** What the sweep may need to end after it was told to. */
const MARGIN_MS = 3_000;

const log = createLogger({ level: logLevel(), fields: { function: 'sweep' } });
const table = { tableName: tableName(), client: createDynamoClient(), now: () => clock.now() };
const { pingIntervalMs } = socketIoOptions().heartbeat;
const later = createLater(createQueueClient(), laterQueueUrl());
const presence = createPresenceStore(table);
const looked = createAttention(
  { presence, later, clock, log },
  { namespaces: Object.keys(chatSettings().namespaces), periodMs: pingIntervalMs },
);
// One for both: their clients come back through the same account's quota.
const inTurn = createPace(
  { now: () => clock.now(), sleep },
  { perSecond: CLOSING.perSecond, longestMs: CLOSING.longestSeconds * 1000 },
);
const bridge = composeBridge(log, { looked, inTurn });
const sweepConnections = createConnectionSweep(
  {
    sessions: createSessionStore(table),
    members: createMemberStore(table),
    gateway: createGateway({ clients: { native: createManagementClient(nativeCallbackUrl()) } }),
    audience: composeAudience(table, log),
    presence,
    later,
    log,
    now: () => clock.now(),
    inTurn,
  },
  pingIntervalMs,
);

export async function handler(
  _event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<void> {
  const until = clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  await Promise.all([bridge.sweep(until), sweepConnections()]);
}
