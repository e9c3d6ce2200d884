/** Sends OPEN to websocket-only clients, which `$connect` cannot. AWS: execute-api:ManageConnections (POST). */
import { createManagementClient } from '../adapters/gateway/client.ts';
import { createConnections } from '../adapters/gateway/management-api.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { logLevel, socketIoCallbackUrl } from './environment.ts';
import { type OpenEvent, sendOpen } from './socketio/open.ts';

const gateway = createConnections(createManagementClient(socketIoCallbackUrl()));
const log = createLogger({ level: logLevel(), fields: { function: 'socketio-open' } });

export function handler(event: OpenEvent) {
  return sendOpen({ gateway, log }, event);
}
