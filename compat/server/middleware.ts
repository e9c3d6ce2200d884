import type { Socket } from 'socket.io';

import { watchAck } from './client-acks.ts';
import { INTERNAL_ERROR, isThenable, reportFailure, track } from './failures.ts';
import type { NamespaceMiddleware } from './internals.ts';
import { currentScope } from './scope.ts';
import { atMost } from './timing.ts';
import { worldOf } from './world.ts';

type EventMiddleware = (event: unknown[], next: (error?: Error) => void) => unknown;

/**
 * A namespace's middleware. The run waits for the answer to CONNECT anyhow; one that throws or rejects refuses the
 * connection instead of ending the process.
 */
export function guardMiddleware(middleware: NamespaceMiddleware): NamespaceMiddleware {
  return (socket, next) => {
    const fail = (error: unknown): void => {
      const log = worldOf(socket.nsp)?.log;
      log?.error('A Socket.IO middleware failed', { namespace: socket.nsp.name, error });
      next(new Error(INTERNAL_ERROR));
    };
    try {
      const result: unknown = middleware(socket, next);
      if (isThenable(result)) track(Promise.resolve(result).catch(fail));
    } catch (error) {
      fail(error);
    }
  };
}

/** A socket's middleware for events: the run waits until it has passed the event on, or refused it. */
export function guardEventMiddleware(socket: Socket, middleware: EventMiddleware): EventMiddleware {
  return (event, next) => {
    const passed = gate(next);
    const last = event.at(-1);
    const ack = typeof last === 'function' ? watchAck(last as (...args: unknown[]) => void) : undefined;
    // The listeners that come after get the same one.
    if (ack !== undefined) event[event.length - 1] = ack;
    const fail = (error: unknown): void => {
      passed.open();
      reportFailure({
        error,
        during: String(event[0]),
        socket,
        ack: ack?.called() === true ? undefined : ack,
      });
    };
    try {
      const result = middleware(event, passed.next);
      if (isThenable(result)) track(Promise.resolve(result).catch(fail));
      else if (!passed.isOpen()) track(waitFor(passed.done));
    } catch (error) {
      fail(error);
    }
  };
}

function waitFor(passed: Promise<void>): Promise<unknown> {
  const limits = currentScope()?.invocation.world.limits;
  return limits === undefined ? passed : atMost(limits.callbackMs, passed);
}

function gate(next: (error?: Error) => void) {
  let opened = false;
  let open = (): void => {};
  const done = new Promise<void>((resolve) => {
    open = () => {
      opened = true;
      resolve();
    };
  });
  return {
    done,
    open: () => open(),
    isOpen: () => opened,
    next: (error?: Error) => {
      open();
      next(error);
    },
  };
}
