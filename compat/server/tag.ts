import type { Socket } from 'socket.io';

import { retag } from './index-entries.ts';
import { currentScope } from './scope.ts';

/**
 * Marks a socket for good: whoever finds it in the index learns the tag, without reading its session. One write for each
 * place it is in, besides what the run stores anyway. Does nothing where effects must not be seen, nor to tell it twice.
 */
export function setTag(socket: Socket, tag: string): void {
  const scope = currentScope();
  if (scope?.phase !== 'frame' || scope.invocation.over) return;
  const { invocation } = scope;
  const { id, nsp } = socket;
  if (invocation.tags.get(id) === tag) return;
  invocation.tags.set(id, tag);
  for (const room of invocation.rooms.get(id) ?? [])
    invocation.own(retag(invocation, invocation.place(nsp.name, id, room), { socketId: id, tag }));
}

/** As it was stored, also of a socket that was recovered, or as this run has set it. */
export function tagOf({ id }: Socket): string | undefined {
  return currentScope()?.invocation.tags.get(id);
}
