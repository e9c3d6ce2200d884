import type { WebSocket } from 'ws';
import type { Peer } from './events.ts';

export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** AWS: "WebSocket API status codes"; the texts are those of captured `$disconnect` events. */
export const ENDINGS = {
  goingAway: { code: 1001, reason: 'Going away' },
  binary: { code: 1003, reason: '' },
  tooLarge: { code: 1009, reason: '' },
  deleted: { code: 1000, reason: 'Connection Closed Normally' },
} as const satisfies Record<string, Ending>;

/** How long a peer has to answer a close frame before its socket is destroyed. */
const CLOSE_PATIENCE_MS = 2_000;

/**
 * One open WebSocket as API Gateway sees it.
 *
 * - `open`: frames flow.
 * - `closing`: a close frame was sent or received; gone for the management API.
 * - `vanished`: the peer is gone without a word; posts still succeed until the idle timeout notices.
 * - `closed`: over.
 */
export class Connection {
  readonly peer: Peer;
  state: 'open' | 'closing' | 'vanished' | 'closed' = 'open';
  lastActiveAt: number;
  /** Up to when the connection's time has been metered. */
  meteredUntil: number;
  /** Set when this side ends the connection: what `$disconnect` reports, whatever the peer answers. */
  ending: Ending | undefined;
  /** The socket is closed on both sides. */
  readonly finished: Promise<void>;
  readonly #socket: WebSocket;

  constructor(peer: Peer, socket: WebSocket, now: number) {
    this.peer = peer;
    this.#socket = socket;
    this.lastActiveAt = now;
    this.meteredUntil = now;
    this.finished = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** The management API finds it. A vanished peer looks alive: "success is not delivery". */
  get reachable(): boolean {
    return this.state === 'open' || this.state === 'vanished';
  }

  /** Bytes this client has been sent and hasn't taken yet. */
  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  /** One text frame. Silently nothing when the client is gone. */
  send(text: string | Buffer, now: number): void {
    if (this.state !== 'open') return;
    this.lastActiveAt = now;
    this.#socket.send(text, { binary: false }, ignore);
  }

  /** The closing handshake; the `close` event of the socket follows. */
  end(ending: Ending): void {
    if (this.state !== 'open') return;
    this.ending = ending;
    this.state = 'closing';
    this.#socket.close(ending.code, ending.reason);
    setTimeout(() => this.#socket.terminate(), CLOSE_PATIENCE_MS).unref();
  }

  /** The client sent a close frame. */
  closing(): void {
    if (this.state === 'open') this.state = 'closing';
  }

  /** `ws` found a protocol error and closes the socket by itself. */
  failed(ending: Ending | undefined): void {
    this.closing();
    if (ending) this.ending ??= ending;
  }

  /** Cuts the wire without a close frame. For API Gateway the connection lives on until its idle timeout. */
  vanish(): void {
    if (this.state !== 'open') return;
    this.state = 'vanished';
    this.#socket.terminate();
  }
}

/** A failed write means that the socket is closing; its `close` event tells the rest. */
function ignore(): void {}
