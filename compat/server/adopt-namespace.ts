import type { EventEmitter } from 'node:events';

import { Socket, type Namespace } from 'socket.io';

import { randomizeAckIds, wrapMiddlewares, type NamespaceMiddleware } from './internals.ts';
import { guardExisting, guardListeners, override } from './listeners.ts';
import { guardMiddleware } from './middleware.ts';
import { connectSocket, prepareSocket } from './prepare-socket.ts';

const adopted = new WeakSet<Namespace>();

/**
 * Makes a namespace ours before the application adds anything to it: an adapter's `init` is called by the namespace's
 * constructor. Children of dynamic namespaces copy their parent's listeners through `on` and `use`, so they are guarded too.
 */
export function adoptNamespace(nsp: Namespace): void {
  if (adopted.has(nsp)) return;
  adopted.add(nsp);
  randomizeAckIds(nsp);
  const emitter = nsp as unknown as EventEmitter;
  guardExisting(emitter, callerOf);
  emitter.prependListener('connect', connectSocket);
  guardListeners(emitter, callerOf);
  // A new socket must be ready for the first middleware; a recovered one may skip them all.
  wrapMiddlewares(nsp, guardMiddleware, [readySocket]);
  const use = nsp.use.bind(nsp);
  override(nsp, 'use', (middleware: NamespaceMiddleware) => {
    use(guardMiddleware(middleware));
    return nsp;
  });
}

const readySocket: NamespaceMiddleware = (socket, next) => {
  prepareSocket(socket);
  next();
};

/** Listeners of a namespace are called with the socket that connects, but for `new_namespace` and the application's own events. */
function callerOf([socket]: readonly unknown[]): Socket | undefined {
  return socket instanceof Socket ? socket : undefined;
}
