import type { Socket } from 'socket.io';

import { offsetAt } from '../../lambdas/domain/offset.ts';
import { CHAT_DIALECTS, type ChatDialectId } from '../../lambdas/manifest/dialects.ts';
import type { Clock } from '../../lambdas/ports/runtime.ts';
import { offsetOf } from '../audience/index.ts';
import type { Occurrence } from '../dialects/define-dialect.ts';
import { currentScope } from '../server/scope.ts';
import { setTag, tagOf } from '../server/tag.ts';
import type { Host } from './deps.ts';

/** What a socket chooses with the event that is being handled. */
const choices = new WeakMap<Socket, ChatDialectId>();

/** The chat dialect a socket has settled on. A tag of a later version of the code is none. */
export function pinOf(socket: Socket): ChatDialectId | undefined {
  const tag = choices.get(socket) ?? tagOf(socket);
  return CHAT_DIALECTS.find((id) => id === tag);
}

/** Does what a client asks in words that only one dialect has, and settles on them: what is refused chooses nothing. */
export async function choose<T>(socket: Socket, pin: ChatDialectId, act: () => Promise<T>): Promise<T> {
  choices.set(socket, pin);
  try {
    const done = await act();
    setTag(socket, pin);
    return done;
  } finally {
    choices.delete(socket);
  }
}

/**
 * Tells a socket of this run, in its own words; whether there were any. Volatile, as socket.io calls what it keeps nowhere:
 * messages and notifications are in tables of their own, and their offset says which one a client got last.
 */
export function tell(
  { vocabulary, deps }: Pick<Host, 'vocabulary' | 'deps'>,
  socket: Socket,
  occurrence: Occurrence,
): boolean {
  const sayings = vocabulary.say(occurrence, pinOf(socket));
  const offset = deps.recovery ? offsetFor(occurrence, deps.clock) : undefined;
  for (const [event, payload] of sayings)
    socket.volatile.emit(event, payload, ...(offset === undefined ? [] : [offset]));
  return sayings.length > 0;
}

/** A greeting says where a client begins that has not got a message yet: it hears everything from now on. */
function offsetFor(occurrence: Occurrence, clock: Clock): string | undefined {
  if (occurrence.kind === 'session.connected') return offsetAt(clock.now());
  // A receipt that stood before is nothing new: its offset would take the client back to where it was then.
  const at = currentScope()?.arrival?.at;
  if (occurrence.kind === 'message.read' && at !== undefined && occurrence.readAt < at) return undefined;
  return offsetOf(occurrence);
}
