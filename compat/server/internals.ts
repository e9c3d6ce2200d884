import { randomInt } from 'node:crypto';

import type { Namespace, Server, Socket } from 'socket.io';

/* oxlint-disable no-underscore-dangle -- socket.io marks its private members so */
/*
 * Every private member of socket.io that is touched, all in this file. Versions are pinned exactly; the test of this file
 * fails when one of them is not what it was.
 */

/** Java clients read ack ids as 32-bit integers. */
const ACK_IDS = 2 ** 31 - 1;

export type NamespaceMiddleware = (socket: Socket, next: (error?: Error) => void) => void;

/** An id no other instance uses: socket.io counts from 0 in each process, and answers reach any of them. */
export function randomAckId(): number {
  return randomInt(ACK_IDS);
}

/** `nsp._ids++` gives ack ids; from now on it gives random ones. */
export function randomizeAckIds(nsp: Namespace): void {
  Object.defineProperty(nsp, '_ids', { configurable: true, get: randomAckId, set: () => {} });
}

/**
 * Sockets come back through `restoreSession`, which socket.io asks only with `opts.connectionStateRecovery`. Whether
 * middlewares are skipped is decided for each socket: always in a replay, else as the application says.
 */
export function setRecoveryOptions(server: Server, isReplay: () => boolean): void {
  const options = server._opts;
  const chosen = options.connectionStateRecovery?.skipMiddlewares ?? true;
  options.connectionStateRecovery = Object.defineProperty({}, 'skipMiddlewares', {
    enumerable: true,
    get: () => isReplay() || chosen,
  });
}

/** Takes a socket out of its namespace without telling anybody; closes an empty child namespace where that is wanted. */
export function forgetSocket(nsp: Namespace, socket: Socket): void {
  const connecting = nsp['_preConnectSockets'] as Map<string, Socket>;
  if (connecting.get(socket.id) === socket) connecting.delete(socket.id);
  if (nsp.sockets.get(socket.id) === socket) nsp._remove(socket);
}

/** Wraps the middlewares that were added before the namespace was ours, and puts `first` before them. */
export function wrapMiddlewares(
  nsp: Namespace,
  wrap: (middleware: NamespaceMiddleware) => NamespaceMiddleware,
  first: readonly NamespaceMiddleware[],
): void {
  const middlewares = nsp['_fns'] as NamespaceMiddleware[];
  middlewares.splice(0, middlewares.length, ...first, ...middlewares.map(wrap));
}
