import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import type { Talker } from './room.ts';

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

/** `size` stock clients, websocket only, in one room. */
export function stockRoom(origin: string, size: number): Promise<Talker[]> {
  return Promise.all(Array.from({ length: size }, () => stockTalker(origin)));
}

async function stockTalker(origin: string): Promise<Talker> {
  const socket = io(origin, { transports: ['websocket'], forceNew: true });
  await socket.emitWithAck('join', 'room');
  return {
    send: async (content) => {
      await socket.emitWithAck('send', { roomId: 'room', content });
    },
    onMessage: (receive) => {
      socket.on('message', (message: { content: string }) => receive(message.content));
    },
    close: () => {
      socket.disconnect();
    },
  };
}
