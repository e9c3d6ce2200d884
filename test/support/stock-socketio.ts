import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type ServerOptions } from 'socket.io';

export interface StockServer {
  readonly url: string;
  readonly io: Server;
  close(): Promise<void>;
}

/** A stock `socket.io` server in this process: the peer that everything is compared with. */
export async function startStock(
  application: (io: Server) => unknown,
  options: Partial<ServerOptions> = {},
): Promise<StockServer> {
  const http = createServer();
  const io = new Server(http, options);
  await application(io);
  http.listen(0, 'localhost');
  await once(http, 'listening');
  return {
    url: `http://localhost:${(http.address() as AddressInfo).port}`,
    io,
    close: () => io.close(),
  };
}
