import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpEdge } from './types.ts';

export interface FrontDoorOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Asked in order; the first that takes a request answers it. */
  readonly edges: readonly HttpEdge[];
  /** Where upgrade requests go. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Answers what no edge took. */
  readonly otherwise: (req: IncomingMessage, res: ServerResponse) => void;
}

export interface FrontDoor {
  readonly port: number;
  /** Stops listening and drops idle and busy connections; resolves when nothing is left. */
  close(): Promise<void>;
}

export class PortInUse extends Error {
  override readonly name = 'PortInUse';
  constructor(port: number) {
    super(
      `Port ${port} is in use. Choose another one with --port, for example --port ${port + 1}, or --port 0 for any free one.`,
    );
  }
}

/** Loopback only: `localhost` may mean either address, depending on the client. */
const ADDRESSES = ['127.0.0.1', '::1'] as const;
const ATTEMPTS = 5;
const WITHOUT_IPV6 = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/** One port for everything clients need. */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  for (let attempt = 1; ; attempt++) {
    const servers: Server[] = [];
    try {
      const port = await listen(serve(options, servers), options.port, ADDRESSES[0]);
      await listenOnIpv6(options, servers, port);
      return { port, close: () => closeAll(servers) };
    } catch (error) {
      await closeAll(servers);
      const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      // With port 0 the free port of one address may be taken on the other.
      if (inUse && options.port === 0 && attempt < ATTEMPTS) continue;
      throw inUse ? new PortInUse(options.port) : error;
    }
  }
}

async function listenOnIpv6(options: FrontDoorOptions, servers: Server[], port: number): Promise<void> {
  try {
    await listen(serve(options, servers), port, ADDRESSES[1]);
  } catch (error) {
    if (!WITHOUT_IPV6.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function serve({ edges, upgrade, otherwise }: FrontDoorOptions, servers: Server[]): Server {
  // API Gateway's own header limit (10 KB) is answered by the edge, so Node's has to be larger.
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 60_000 }, (req, res) => {
    if (!edges.some((edge) => edge.request(req, res))) otherwise(req, res);
  });
  server.on('upgrade', upgrade);
  servers.push(server);
  return server;
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}
