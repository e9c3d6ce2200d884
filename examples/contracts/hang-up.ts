import { once } from 'node:events';

import type { Socket } from 'socket.io-client';

/** Disconnects, and resolves when the other side knows of it: stock clients call themselves disconnected before that. */
export async function hangUp(socket: Socket): Promise<void> {
  if (!socket.connected) {
    socket.disconnect();
    return;
  }
  const { engine } = socket.io;
  const { ws } = engine.transport as unknown as { readonly ws?: EventTarget };
  const gone =
    ws === undefined
      ? once(engine as never, 'close')
      : new Promise((resolve) => ws.addEventListener('close', resolve, { once: true }));
  socket.disconnect();
  await gone;
}
