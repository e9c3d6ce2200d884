import type { Socket } from 'socket.io';

import { setTyping } from '../../lambdas/app/set-typing.ts';
import { TYPING_SECONDS, typingSince } from '../../lambdas/app/typing-state.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import type { Host } from './deps.ts';
import { authorOf, isIn, personOf, sidOf } from './person.ts';

/**
 * Tells the others that somebody types or stopped. Who types is noted in the socket's data, so that a silence can be ended
 * for them: ten seconds later the note is looked at again.
 */
export async function type(
  host: Host,
  socket: Socket,
  { roomId, isTyping, at }: { readonly roomId: RoomId; readonly isTyping: boolean; readonly at: Millis },
): Promise<void> {
  const told = setTyping(host.deps, {
    actor: authorOf(socket),
    roomId,
    isTyping,
    at,
    ...(isIn(socket, roomId) ? { proven: true } : {}),
  });
  // Whoever is not in the room may have no right to type there.
  if (!isIn(socket, roomId)) await told;
  // In vain when the others are not told: without the note nothing comes of it.
  await Promise.all([told, isTyping ? schedule(host, socket, { roomId, at }) : undefined]);
  note(socket, { roomId, isTyping, at });
}

function note(
  socket: Socket,
  { roomId, isTyping, at }: { readonly roomId: RoomId; readonly isTyping: boolean; readonly at: Millis },
): void {
  const person = personOf(socket);
  const { [roomId]: _, ...others } = typingSince(person, at);
  const typing = isTyping ? { ...others, [roomId]: at } : others;
  if (Object.keys(typing).length > 0) person.typing = typing;
  else delete person.typing;
}

async function schedule(
  { deps, nsp }: Host,
  socket: Socket,
  { roomId, at: startedAt }: { readonly roomId: RoomId; readonly at: Millis },
): Promise<void> {
  const sid = sidOf(socket);
  const { userId, username } = personOf(socket);
  try {
    await deps.later.schedule(
      { kind: 'typing.expire', sid, namespace: nsp, roomId, startedAt, userId, username },
      TYPING_SECONDS,
    );
  } catch (error) {
    // The others may see somebody type who does not.
    deps.log.warn('the end of typing was not scheduled', { error });
  }
}
