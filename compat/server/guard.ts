import type { Socket } from 'socket.io';

import { watchAck, type ClientAck } from './client-acks.ts';
import { isThenable, reportFailure, track } from './failures.ts';
import { currentScope } from './scope.ts';
import { atMost } from './timing.ts';

export type Listener = (...args: unknown[]) => unknown;

/** Whose failure it is, once the arguments are known. */
export type CallerOf = (args: readonly unknown[]) => Socket | undefined;

export interface Guarded {
  /** The event. */
  readonly during: string;
  readonly callerOf: CallerOf;
  /** Hears events of any name, with the name as first argument, and seldom answers them. */
  readonly any?: true;
}

/**
 * The listener as socket.io gets it. socket.io throws away what listeners return and lets what they throw end the
 * process; here the promise is work of the run, and a failure is told to the caller.
 */
export function guard(listener: Listener, { during, callerOf, any }: Guarded): Listener {
  return function guarded(this: unknown, ...given: unknown[]): void {
    const { args, ack } = withWatchedAck(given);
    const fail = (error: unknown): void => {
      const socket = callerOf(args);
      const unanswered = ack === undefined || ack.called() ? undefined : ack;
      if (socket !== undefined) reportFailure({ error, during, socket, ack: unanswered });
    };
    try {
      const result = Reflect.apply(listener, this, args);
      if (isThenable(result)) track(Promise.resolve(result).catch(fail));
      else if (ack !== undefined && any !== true && listener.length >= args.length) awaitCallback(ack);
    } catch (error) {
      fail(error);
    }
  };
}

/** A handler without a promise that takes the ack will call it later, from a callback. */
function awaitCallback(ack: ClientAck): void {
  const limits = currentScope()?.invocation.world.limits;
  if (!ack.called() && limits !== undefined) track(atMost(limits.callbackMs, ack.done));
}

function withWatchedAck(given: readonly unknown[]): { args: unknown[]; ack: ClientAck | undefined } {
  const last = given.at(-1);
  if (typeof last !== 'function') return { args: [...given], ack: undefined };
  const ack = watchAck(last as Listener);
  return { args: [...given.slice(0, -1), ack], ack };
}
