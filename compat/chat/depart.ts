import type { Socket } from 'socket.io';

import { setTyping } from '../../lambdas/app/set-typing.ts';
import { typingSince } from '../../lambdas/app/typing-state.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import type { Host } from './deps.ts';
import { authorOf, personOf } from './person.ts';
import { expectOffline } from './presence.ts';

/** The disconnect listener: whoever was typing types no more, and somebody may be offline. Never rejects. */
export async function depart(host: Host, socket: Socket): Promise<void> {
  const at = host.deps.clock.now();
  const done = await Promise.allSettled([stopTyping(host, socket, at), expectOffline(host.deps, socket)]);
  for (const step of done)
    if (step.status === 'rejected')
      host.deps.log.warn('a departure was not told to everybody', { error: step.reason as unknown });
}

async function stopTyping({ deps }: Host, socket: Socket, at: Millis): Promise<void> {
  const rooms = Object.keys(typingSince(personOf(socket), at)) as RoomId[];
  const actor = authorOf(socket);
  await Promise.all(
    rooms.map((roomId) => setTyping(deps, { actor, roomId, isTyping: false, at, proven: true })),
  );
}
