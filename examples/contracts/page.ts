import type { Socket } from 'socket.io-client';

import type { Sample } from './document.ts';
import { hangUp } from './hang-up.ts';
import { loadClient, runScript, type Client } from './sandbox.ts';
import { substitute, type Facts } from './substitutions.ts';

/** What a client was told: an event with its arguments, or of the connection itself (`connect`, `reconnect` …) . */
export interface Heard {
  readonly event: string;
  readonly args: readonly unknown[];
}

const LIFECYCLE = ['connect', 'connect_error', 'disconnect'] as const;
const MANAGER = ['reconnect', 'reconnect_attempt', 'reconnect_error'] as const;
const PATIENCE_MS = 15_000;
/** Unknown to every document: its ack says that everything before it has arrived. */
const FENCE = 'causeway:fence';

/** One person's browser tab: samples run in it, and what they hear and print is written down. */
export class Page {
  readonly name: string;
  readonly facts: Facts;
  readonly samples: Sample[] = [];
  readonly heard: Heard[] = [];
  readonly printed: (readonly unknown[])[] = [];
  readonly #client: Client = loadClient();
  readonly #timers = new Set<Promise<void>>();
  #waiting: (() => void)[] = [];
  #socket: Socket | undefined;

  constructor(name: string, facts: Facts) {
    this.name = name;
    this.facts = facts;
  }

  get socket(): Socket {
    if (this.#socket === undefined) throw new Error(`${this.name} has no socket yet`);
    return this.#socket;
  }

  /** Runs a sample that makes a socket, or with the socket that the page has. */
  async run(sample: Sample): Promise<void> {
    this.samples.push(sample);
    const { io } = this.#client;
    const made = await runScript({
      code: substitute(sample.code, this.facts),
      file: `${sample.document}.md`,
      line: sample.line,
      modules: { 'socket.io-client': { ...this.#client, io, default: io } },
      globals: { ...this.#window(), io, socket: this.#socket },
    });
    const socket = Object.values(made)
      .map((value) => this.#socketOf(value))
      .find((found) => found);
    if (socket !== undefined) this.#listen(socket);
  }

  /** Resolves when the client is in and has left polling behind, as stock clients do. */
  async ready(): Promise<void> {
    await this.hears('connect');
    const { engine } = this.socket.io;
    if (engine.transport.name !== 'websocket')
      await new Promise<void>((resolve) => engine.once('upgrade', () => resolve()));
  }

  /** The first event of that name, already heard or still to come. */
  async hears(event: string, after = 0): Promise<Heard> {
    const lost = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const found = this.heard.slice(after).find((heard) => heard.event === event);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        lost.addEventListener('abort', () => resolve(), { once: true });
      });
      if (lost.aborted)
        throw new Error(
          `${this.name} waited for ${event}; heard ${this.heard.map((each) => each.event).join(', ')}; ${this.#state()}`,
        );
    }
  }

  /** Everything this page has sent has been received, everything sent to it so far is here, its timers have run. */
  async fence(): Promise<void> {
    await Promise.all(this.#timers);
    if (this.#socket?.connected === true) await this.#socket.timeout(PATIENCE_MS).emitWithAck(FENCE);
  }

  async close(): Promise<void> {
    if (this.#socket !== undefined) await hangUp(this.#socket);
  }

  /** Where the connection stands, for whoever waits in vain. */
  #state(): string {
    const { connected, io: manager } = this.socket;
    const { readyState, transport } = manager.engine;
    return `${connected ? 'connected' : 'not connected'}, engine ${readyState} over ${transport.name}`;
  }

  #window(): Record<string, unknown> {
    const print = (...line: unknown[]) => void this.printed.push(line);
    return {
      console: { log: print, error: print },
      localStorage: { getItem: () => this.facts.token },
      setTimeout: (action: () => void, ms: number) =>
        void this.#timers.add(
          new Promise((resolve) => {
            setTimeout(() => resolve(action()), ms);
          }),
        ),
    };
  }

  /** A sample's `socket`, or the `socket` of an object that it made. */
  #socketOf(value: unknown): Socket | undefined {
    const { Socket } = this.#client;
    if (value instanceof Socket) return value;
    const inner = (value as { readonly socket?: unknown } | undefined)?.socket;
    return inner instanceof Socket ? inner : undefined;
  }

  #listen(socket: Socket): void {
    this.#socket = socket;
    socket.onAny((event: string, ...args: unknown[]) => this.#note(event, args));
    for (const event of LIFECYCLE) socket.on(event, (...args: unknown[]) => this.#note(event, args));
    for (const event of MANAGER) socket.io.on(event, (...args: unknown[]) => this.#note(event, args));
  }

  #note(event: string, args: readonly unknown[]): void {
    this.heard.push({ event, args });
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
