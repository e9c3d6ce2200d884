import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface StockServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly pid: number;
  close(): Promise<void>;
}

/** A stock socket.io server in its own process: what every ratio is against. */
export async function startStockServer(): Promise<StockServer> {
  const server = fork(fileURLToPath(new URL('stock-server.mjs', import.meta.url)));
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  return {
    origin: `http://127.0.0.1:${port}`,
    pid: server.pid ?? 0,
    close: async () => {
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}
