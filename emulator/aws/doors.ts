/**
 * More than one listening socket for one HTTP server. libuv takes one connection of each in a turn of the event loop (since
 * 1.45: "unix: don't accept() connections in a loop"), so that behind a single one a burst of cold starts, each with
 * connections of its own, would wait longer than a function may take.
 */
import type { Server } from 'node:http';
import { createServer, type AddressInfo, type Server as Listener } from 'node:net';

const DOORS = 16;

export interface Doors {
  /** Those of `http://127.0.0.1:<port>` in turn. */
  next(): string;
  close(): Promise<void>;
}

export async function openDoors(server: Server): Promise<Doors> {
  const doors = Array.from({ length: DOORS }, () =>
    // As http.Server listens itself; "connection" may be emitted to it (Node.js documentation, "Event: 'connection'").
    createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket)),
  );
  const ports = await Promise.all(doors.map(listen));
  let turn = 0;
  return {
    next: () => `http://127.0.0.1:${ports[turn++ % ports.length]}`,
    async close() {
      await Promise.all(doors.map((door) => new Promise((closed) => door.close(closed))));
    },
  };
}

export function listen(server: Listener | Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
