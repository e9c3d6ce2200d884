/**
 * What application files get for `import … from 'causeway'` and, in their bundle, from 'socket.io': the stock package with
 * a Server that the deployment serves.
 */
import type { DefaultEventsMap, Server as StockServer, ServerOptions } from 'socket.io';

import { BridgeServer } from './server/bridge-server.ts';

export { Namespace, Socket } from 'socket.io';
export type {
  BroadcastOperator,
  DefaultEventsMap,
  DisconnectReason,
  Event,
  ExtendedError,
  RemoteSocket,
  ServerOptions,
} from 'socket.io';
export { waitUntil } from './server/wait-until.ts';

/** socket.io's Server, which never listens: API Gateway does. */
export const Server: typeof StockServer = BridgeServer;
/* oxlint-disable typescript/no-explicit-any -- the shape of socket.io's own type parameters */
export type Server<
  Listen extends Record<string, any> = DefaultEventsMap,
  Emit extends Record<string, any> = Listen,
  ServerSide extends Record<string, any> = DefaultEventsMap,
  Data = any,
> = StockServer<Listen, Emit, ServerSide, Data>;
/* oxlint-enable typescript/no-explicit-any */

/** The deployment's Server, to be called once while the application's module is loaded. */
export function createServer(options: Partial<ServerOptions> = {}): StockServer {
  return new BridgeServer(options);
}
