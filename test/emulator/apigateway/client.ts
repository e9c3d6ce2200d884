import { WebSocket, type ClientOptions } from 'ws';

/** A real `ws` client that remembers what happened to it. */
export interface Client {
  readonly socket: WebSocket;
  readonly frames: readonly string[];
  /** The next frame nobody has taken yet. */
  next(): Promise<string>;
  send(message: unknown): void;
  readonly closed: Promise<{ code: number; reason: string }>;
}

export class Refused extends Error {
  readonly status: number;
  readonly body: string;
  constructor(status: number, body: string) {
    super(`refused with ${status}: ${body}`);
    this.status = status;
    this.body = body;
  }
}

/** Resolves when open, rejects with Refused when the upgrade was answered with something else. */
export async function connect(
  url: string,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<Client> {
  const { protocols = [], ...rest } = options;
  const socket = new WebSocket(url, protocols, rest);
  const frames: string[] = [];
  const waiting: ((frame: string) => void)[] = [];
  let taken = 0;
  const give = () => {
    while (waiting.length > 0 && taken < frames.length) waiting.shift()!(frames[taken++]!);
  };
  socket.on('message', (data: Buffer) => {
    frames.push(data.toString());
    give();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await opened(socket);
  socket.on('error', () => {});
  return {
    socket,
    frames,
    closed,
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        give();
      }),
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
  };
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => reject(new Refused(response.statusCode ?? 0, body)));
    });
  });
}

/** The status an upgrade was refused with. */
export async function refusal(
  url: string,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<number> {
  try {
    const client = await connect(url, options);
    client.socket.terminate();
    return 101;
  } catch (error) {
    if (error instanceof Refused) return error.status;
    throw error;
  }
}
