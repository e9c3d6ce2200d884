import { once } from 'node:events';
import { WebSocket } from 'ws';

export type Frame = Record<string, unknown> & { event?: string; id?: string };

/** Thrown when the upgrade was refused: `status` is what API Gateway answered. */
export class UpgradeRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`upgrade refused with ${status}`);
    this.status = status;
  }
}

const PATIENCE_MS = 15_000;

/** A plain WebSocket client that keeps every frame and lets a test wait for one: what `wscat` is to a person. */
export class NativeClient {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #waiting: { match: (frame: Frame) => boolean; resolve: (frame: Frame) => void }[] = [];
  #taken = new Set<Frame>();
  #requests = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.#receive(JSON.parse(data.toString()) as Frame));
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  /** Resolves when the socket is open; rejects with UpgradeRefused. */
  static async connect(
    url: string,
    options: { headers?: Record<string, string>; protocols?: string[] } = {},
  ) {
    const socket = new WebSocket(url, options.protocols ?? [], { headers: options.headers ?? {} });
    const client = new NativeClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        reject(new UpgradeRefused(response.statusCode ?? 0));
        socket.terminate();
      });
    });
    return client;
  }

  /** Sends a frame and waits for the one answer that carries its id. */
  async request(frame: Record<string, unknown>): Promise<Frame> {
    const id = `r${++this.#requests}`;
    // API Gateway's own error frames carry no id of ours, but the connection's.
    const answer = this.next((candidate) => candidate.id === id || 'connectionId' in candidate);
    this.send({ ...frame, id });
    return answer;
  }

  send(frame: Record<string, unknown>): void {
    this.raw(JSON.stringify(frame));
  }

  raw(data: string | Buffer): void {
    this.socket.send(data);
  }

  /** The first frame, already received or still to come, that nobody took yet and that matches. */
  next(match: string | ((frame: Frame) => boolean), patienceMs = PATIENCE_MS): Promise<Frame> {
    const matches = typeof match === 'string' ? (frame: Frame) => frame.event === match : match;
    const early = this.frames.find((frame) => !this.#taken.has(frame) && matches(frame));
    if (early) {
      this.#taken.add(early);
      return Promise.resolve(early);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `no frame matching ${String(match)} within ${patienceMs} ms; got ${JSON.stringify(this.frames.slice(-5))}`,
            ),
          ),
        patienceMs,
      );
      this.#waiting.push({
        match: matches,
        resolve: (frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
      });
    });
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }

  #receive(frame: Frame): void {
    this.frames.push(frame);
    const index = this.#waiting.findIndex((waiter) => waiter.match(frame));
    if (index === -1) return;
    this.#taken.add(frame);
    this.#waiting.splice(index, 1)[0]?.resolve(frame);
  }
}
