/**
 * The Socket.IO WebSocket API: authorizer of `$connect`, `$default` and `$disconnect`, so that the instance that admitted a
 * client still knows it. AWS: dynamodb:GetItem, PutItem, UpdateItem, DeleteItem, Query on the table;
 * execute-api:ManageConnections (POST, DELETE) on the API's connections; lambda:InvokeFunction on `socketio-open` and `fan-out`.
 */
import { createAsyncInvoke, createLambdaClient } from '../adapters/lambda/invoke-async.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { edgeKey, logLevel, openFunction } from './environment.ts';
import { composePostman } from './compose-postman.ts';
import { composeBridge } from './socketio/compose.ts';
import type { SocketIoEvent } from './socketio/events.ts';
import type { OpenEvent } from './socketio/open.ts';
import { serve } from './socketio/serve.ts';

const log = createLogger({ level: logLevel(), fields: { function: 'socketio' } });
const invoke = createAsyncInvoke(createLambdaClient(), openFunction());
const bridge = composeBridge(log, {
  postman: composePostman(),
  sendOpen: (connectionId, packet) => invoke({ connectionId, packet } satisfies OpenEvent),
});
const deps = { bridge, log, edgeKey: edgeKey() };

export function handler(event: SocketIoEvent) {
  return serve(deps, event);
}
