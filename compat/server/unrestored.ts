import type { Invocation } from './invocation.ts';

/** Sockets whose namespace the application no longer has: nobody hears of their end, but the index must forget them. */
export function removeUnrestored(invocation: Invocation): void {
  const { session, world, live } = invocation;
  for (const [nsp, { id, rooms }] of Object.entries(session.sockets))
    if (!live.has(nsp))
      for (const room of [id, ...rooms])
        invocation.own(
          world.stores.sockets.remove(invocation.place(nsp, id, room), { socketId: id, sid: session.sid }),
        );
}
