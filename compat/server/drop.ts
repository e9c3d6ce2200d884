import type { Socket } from 'socket.io';

import { forgetSocket } from './internals.ts';
import type { Invocation } from './invocation.ts';
import { warnOfLostProperties } from './lost-state.ts';
import { within } from './scope.ts';
import { turn } from './timing.ts';

/**
 * Forgets the sockets without anybody noticing (reference 3.6): no `disconnect`, nothing written, no memory kept. What the
 * application still holds of them does nothing any more.
 */
export async function drop(invocation: Invocation): Promise<void> {
  await stopWaiting(invocation);
  invocation.over = true;
  within(invocation.scope('drop'), () => {
    for (const [nsp, { socket }] of invocation.live) {
      // Of a new socket nobody can tell what its connection listener made, which comes back.
      if (invocation.session.sockets[nsp]?.id === socket.id)
        warnOfLostProperties(invocation.world, socket, 'an event handler');
      forget(socket);
    }
    for (const socket of invocation.connecting) forget(socket);
    invocation.conn.readyState = 'closed';
    invocation.conn.emit('close', 'transport close');
    invocation.conn.removeAllListeners();
  });
}

function forget(socket: Socket): void {
  // Its field is public; it makes `_onclose` and late packets do nothing.
  socket.connected = false;
  socket.nsp.adapter.delAll(socket.id);
  forgetSocket(socket.nsp, socket);
}

/** Timers of `socket.timeout(…)` end only with an answer: they get one that nobody hears. */
async function stopWaiting(invocation: Invocation): Promise<void> {
  const open = invocation.acks.finishAll();
  if (open.length === 0) return;
  invocation.over = true;
  for (const ack of open) invocation.answer(ack, []);
  await turn();
}
