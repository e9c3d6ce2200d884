import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { address } from './address.ts';
import { within } from './patience.ts';

type Frame = string | Buffer;

export interface WireOptions {
  /** Answer pings and don't show them to `next`. Default true. */
  readonly pongs?: boolean;
  /** Stay open when the test that opened it is over. Default false. */
  readonly keep?: boolean;
}

/** A bare WebSocket to the Engine.IO endpoint: what goes over the wire, frame by frame. */
export class Wire {
  readonly socket: WebSocket;
  /** Every frame that came, pings included. */
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ readonly code: number }>;
  /** The status of the handshake's answer: 101, or what the upgrade was refused with. */
  readonly status: Promise<number>;
  readonly #inbox: Frame[] = [];
  #waiting: ((frame: Frame) => void)[] = [];
  #isClosed = false;

  constructor(url: string, { pongs = true, keep = false }: WireOptions = {}) {
    this.socket = new WebSocket(url);
    if (!keep) onTestFinished(() => this.socket.terminate());
    this.socket.on('error', () => {}); // a refusal also closes, which is what tests wait for
    this.status = new Promise((resolve) => {
      this.socket.on('upgrade', (response) => resolve(response.statusCode ?? 0));
      this.socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
        this.socket.terminate();
      });
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code) => {
        this.#isClosed = true;
        resolve({ code });
      });
    });
    this.socket.on('message', (data: Buffer, isBinary) =>
      this.#receive(isBinary ? data : data.toString(), pongs),
    );
  }

  /** A websocket session that got its OPEN packet. */
  static async session(
    url: string,
    query: Readonly<Record<string, string>> = {},
    options: WireOptions = {},
  ): Promise<Wire> {
    const wire = new Wire(address(url, 'websocket', query), options);
    await wire.next();
    return wire;
  }

  /** A WebSocket that opened; the server has said nothing yet. */
  static async opened(url: string, options: WireOptions = {}): Promise<Wire> {
    const wire = new Wire(url, options);
    if (wire.socket.readyState !== WebSocket.OPEN) {
      await within(once(wire.socket, 'open'), 'the WebSocket to open', () => wire.frames);
    }
    return wire;
  }

  send(...frames: readonly Frame[]): void {
    for (const frame of frames) this.socket.send(frame);
  }

  async next(): Promise<Frame> {
    const early = this.#inbox.shift();
    if (early !== undefined) return early;
    const late = new Promise<Frame>((resolve) => this.#waiting.push(resolve));
    return within(Promise.race([late, this.#unexpectedEnd()]), 'a frame', () => this.#shown());
  }

  async take(count: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) frames.push(await this.next());
    return frames;
  }

  /** The next ping came. */
  async pinged(): Promise<void> {
    const ping = new Promise<void>((resolve) => {
      const look = (data: Buffer) => {
        if (data.toString() !== '2') return;
        this.socket.off('message', look);
        resolve();
      };
      this.socket.on('message', look);
    });
    await within(Promise.race([ping, this.#unexpectedEnd()]), 'a ping', () => this.#shown());
  }

  /** The server (or API Gateway) ended the connection. */
  async ended(): Promise<{ readonly code: number }> {
    return within(this.closed, 'the connection to be closed', () => this.#shown());
  }

  async close(): Promise<void> {
    if (!this.#isClosed) this.socket.close();
    await within(this.closed, 'the close to be answered', () => this.#shown());
  }

  async #unexpectedEnd(): Promise<never> {
    const { code } = await this.closed;
    const status = await Promise.race([this.status, Promise.resolve('no answer')]);
    throw new Error(`closed with ${code} (handshake: ${status}); seen: ${this.#shown()}`);
  }

  #receive(frame: Frame, pongs: boolean): void {
    this.frames.push(frame);
    if (pongs && frame === '2') {
      this.socket.send('3');
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting) waiting(frame);
    else this.#inbox.push(frame);
  }

  #shown(): string {
    return JSON.stringify(this.frames.map((frame) => (typeof frame === 'string' ? frame : [...frame])));
  }
}
