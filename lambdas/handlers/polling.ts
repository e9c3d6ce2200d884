/**
 * Socket.IO's HTTP long polling. AWS: dynamodb:GetItem, PutItem, UpdateItem, DeleteItem, Query on the table;
 * execute-api:ManageConnections (POST, DELETE) on the connections of the Socket.IO API; lambda:InvokeFunction on `fan-out`.
 */
import { createLogger } from '../adapters/telemetry/logger.ts';
import { edgeKey, logLevel } from './environment.ts';
import { composePostman } from './compose-postman.ts';
import { composeBridge } from './socketio/compose.ts';
import type { HttpEvent } from './socketio/events.ts';
import { servePoll } from './socketio/poll.ts';

const bridge = composeBridge(createLogger({ level: logLevel(), fields: { function: 'polling' } }), {
  postman: composePostman(),
});
const deps = { bridge, edgeKey: edgeKey() };

export function handler(event: HttpEvent) {
  return servePoll(deps, event);
}
