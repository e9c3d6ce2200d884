import type { Socket } from 'socket.io';

import { currentScope, isMuted } from './scope.ts';
import { worldOf } from './world.ts';

/** What a client is told of a failure of the application: that there was one. */
export const INTERNAL_ERROR = 'Internal error';

export interface Failure {
  readonly error: unknown;
  /** The name of the event, or what was being done. */
  readonly during: string;
  /** Whose event it was. */
  readonly socket: Socket;
  /** The acknowledgement the client waits for, if it has not been sent. */
  readonly ack?: ((answer: unknown) => void) | undefined;
}

/** A handler threw or rejected: it is logged and its caller is told, and nobody else is affected. Never throws. */
export function reportFailure({ error, during, socket, ack }: Failure): void {
  const world = worldOf(socket.nsp);
  const log = currentScope()?.invocation.world.log ?? world?.log;
  log?.error('A Socket.IO handler failed', { namespace: socket.nsp.name, event: during, error });
  if (isMuted() || !socket.connected) return;
  try {
    // Volatile: it is about this moment, and recovery must not bring it back.
    socket.volatile.emit('error', { message: INTERNAL_ERROR });
    ack?.({ error: INTERNAL_ERROR });
  } catch (secondary) {
    log?.error('A client could not be told of a failure', { error: secondary });
  }
}

/** Counts a promise as work of the run that is being done now. */
export function track(promise: Promise<unknown>): void {
  const scope = currentScope();
  if (scope === undefined) return;
  if (scope.phase === 'replay') scope.invocation.replayed.add(promise);
  else scope.invocation.work.add(promise);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
