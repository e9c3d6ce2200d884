import { Server } from 'socket.io';

import { BridgeAdapter } from '../adapter/bridge-adapter.ts';
import { BridgeServer } from './bridge-server.ts';
import { takeRegistered } from './registration.ts';

type Attach = (io: Server) => void | Promise<void>;

/**
 * The Server of an application module, and remarks on options that can't hold. In this order: the Server it exports as
 * default, the one it made while it was loaded (`createServer()`, `new Server()`), a new one.
 */
export function serverOf(application: unknown): {
  readonly server: Server;
  readonly notes: readonly string[];
} {
  const registered = takeRegistered();
  const exported = defaultOf(application);
  if (exported instanceof Server) {
    if (!(exported instanceof BridgeServer)) exported.adapter(BridgeAdapter);
    return { server: exported, notes: registered?.server === exported ? registered.notes : [] };
  }
  if (registered !== undefined) return registered;
  if (application !== undefined && typeof exported !== 'function')
    throw new TypeError(
      'The application must export a function (io) => … or a Server as default, or call createServer() when it is loaded',
    );
  const server = new BridgeServer();
  takeRegistered();
  return { server, notes: [] };
}

/** Calls the application's default export with its Server, if it is a function. */
export async function attachApplication(application: unknown, server: Server): Promise<void> {
  const exported = defaultOf(application);
  if (typeof exported === 'function' && !(exported instanceof Server)) await (exported as Attach)(server);
}

/** The default export; of a CommonJS module, which a bundler may wrap once more, `module.exports`. */
function defaultOf(application: unknown): unknown {
  let found = application;
  for (let depth = 0; depth < 2 && isModule(found); depth += 1) found = found.default;
  return found;
}

function isModule(value: unknown): value is { readonly default: unknown } {
  return typeof value === 'object' && value !== null && !(value instanceof Server) && 'default' in value;
}
