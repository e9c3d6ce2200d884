import type { Socket } from 'socket.io';

import type { World } from './world.ts';

const warned = new WeakMap<World, Set<string>>();
const seen = new WeakMap<Socket, ReadonlySet<string>>();

/** What stands on the socket from now on comes back in every invocation, or was never the application's. */
export function rememberProperties(socket: Socket): void {
  seen.set(socket, new Set(Object.keys(socket)));
}

/**
 * `socket.user = …` in a middleware or an event handler is gone with the invocation, while in a connection listener it is
 * made again each time. Says so once for each name.
 */
export function warnOfLostProperties(world: World, socket: Socket, where: string): void {
  // Nothing of a disconnected socket is missed; socket.io itself replaces its `join`.
  if (!socket.connected) return;
  const known = seen.get(socket);
  const told = warned.get(world) ?? new Set();
  warned.set(world, told);
  for (const name of Object.keys(socket)) {
    // socket.io makes some of its own late, all with an underscore.
    if (known === undefined || known.has(name) || name.startsWith('_') || told.has(name)) continue;
    told.add(name);
    world.log.warn(`socket.${name} was set in ${where} and will be lost: keep it in socket.data`);
  }
}
