import { currentScope } from './scope.ts';

/**
 * Sends what was emitted so far, beside what is being done now instead of after it. Over a connection only: a polling
 * client gets everything with its next poll, and storing it twice would be one write more.
 */
export function flush(): void {
  const scope = currentScope();
  if (scope?.phase !== 'frame' || scope.invocation.over) return;
  const { session, outgoing } = scope.invocation;
  if (session.transport === 'websocket') void outgoing.flush();
}
