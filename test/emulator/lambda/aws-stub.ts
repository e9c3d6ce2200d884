/** An endpoint that plays AWS: notes what arrives and answers by path or table. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly event: number;
  readonly depth: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

export interface AwsStub {
  readonly endpoint: string;
  readonly seen: Seen[];
  /** Sockets opened so far. */
  connections(): number;
  /** Most requests under way at once. */
  busiest(): number;
  /** Depths by path, in order of arrival. */
  depths(): [string, number][];
  close(): Promise<void>;
}

export type Answer = (seen: Seen, res: ServerResponse, nth: number) => void;

export async function startAwsStub(answer: Answer): Promise<AwsStub> {
  const seen: Seen[] = [];
  let [connections, open, busiest] = [0, 0, 0];
  const server = createServer((req, res) => void receive(req, res));
  async function receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
    open += 1;
    busiest = Math.max(busiest, open);
    res.on('close', () => (open -= 1));
    const { 'x-emulator-event': event, 'x-emulator-depth': depth, host = '' } = req.headers;
    const entry = {
      method: req.method ?? '',
      path: req.url ?? '',
      host,
      event: Number(event),
      depth: Number(depth),
      body: await text(req),
      headers: req.headers,
    };
    answer(entry, res, seen.push(entry));
  }
  server.on('connection', () => (connections += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    connections: () => connections,
    busiest: () => busiest,
    depths: () => seen.map(({ path, depth }) => [path, depth]),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
