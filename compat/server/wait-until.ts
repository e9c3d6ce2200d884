import { currentScope } from './scope.ts';
import { track } from './failures.ts';

/**
 * Keeps the invocation alive until `promise` has settled: for work that a handler starts and does not return. What is
 * still running when an invocation ends stands still with its instance, perhaps for good. A rejection is logged.
 */
export function waitUntil(promise: Promise<unknown>): void {
  const log = currentScope()?.invocation.world.log;
  track(promise.catch((error: unknown) => log?.error('Work given to waitUntil failed', { error })));
}
