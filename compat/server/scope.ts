import { AsyncLocalStorage } from 'node:async_hooks';

import type { Arrival } from '../../lambdas/domain/entities.ts';
import type { Invocation } from './invocation.ts';

/**
 * In whose name code runs. It follows every `await`, timer and callback, so that what the application does can be told
 * apart long after it was started:
 * - `frame`: the work this invocation is for; its effects are real.
 * - `replay`: connection listeners that run again only to attach their handlers; their effects happened before.
 * - `drop`: forgetting the sockets at the end; nothing of it may be seen.
 */
export interface Scope {
  readonly invocation: Invocation;
  readonly phase: 'frame' | 'replay' | 'drop';
  /** Of the packet that is being handled. */
  readonly arrival?: Arrival;
}

const scopes = new AsyncLocalStorage<Scope>();

/** Undefined in code that no invocation started, such as a timer of the application's module. */
export function currentScope(): Scope | undefined {
  return scopes.getStore();
}

/** True where effects must not be seen. */
export function isMuted(): boolean {
  const scope = scopes.getStore();
  return scope !== undefined && scope.phase !== 'frame';
}

export function within<T>(scope: Scope, work: () => T): T {
  return scopes.run(scope, work);
}
