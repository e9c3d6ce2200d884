import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';

const PATIENCE_MS = 6_000;

/** `['event', name, args]`, `['ack', name, answer]`, `['connect']`, `['connect_error', message, data]`, `['disconnect', reason]`. */
export type Entry = readonly unknown[];
export type Options = Partial<ManagerOptions & SocketOptions>;

/** One stock client socket; writes down all it sees, in order. */
export class Actor {
  readonly name: string;
  readonly socket: Socket;
  readonly entries: Entry[] = [];
  /** Every id it has had, oldest first. */
  readonly ids: string[] = [];
  #read = 0;
  #changed: (() => void)[] = [];

  constructor(name: string, socket: Socket) {
    this.name = name;
    this.socket = socket;
    socket.on('connect', () => {
      if (socket.id !== undefined && !this.ids.includes(socket.id)) this.ids.push(socket.id);
      this.#write(['connect']);
    });
    socket.on('connect_error', (error: Error & { data?: unknown }) =>
      this.#write(['connect_error', error.message, error.data]),
    );
    socket.on('disconnect', (reason) => this.#write(['disconnect', reason]));
    socket.onAny((event: string, ...args: unknown[]) => {
      if (event !== 'question') this.#write(['event', event, args]);
    });
  }

  static open(url: string, name: string, options: Options & { readonly nsp: string }): Actor {
    const { nsp, ...rest } = options;
    return new Actor(name, io(`${url}${nsp}`, { forceNew: true, reconnection: false, ...rest }));
  }

  /** Emits with an ack and writes the answer down. */
  async ask(event: string, ...args: unknown[]): Promise<unknown[]> {
    return this.#acknowledged(event, args, (answer) => this.#write(['ack', event, answer]));
  }

  /** As `ask`, where it must not matter when the answer comes. */
  async tell(event: string, ...args: unknown[]): Promise<void> {
    await this.#acknowledged(event, args, () => {});
  }

  emit(event: string, ...args: unknown[]): void {
    this.socket.emit(event, ...args);
  }

  /** The next entry of that kind (and event name) that no `sees` has returned. */
  async sees(kind: string, name?: string): Promise<Entry> {
    const matches = (entry: Entry) => entry[0] === kind && (name === undefined || entry[1] === name);
    const lost = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const found = this.entries.findIndex((entry, at) => at >= this.#read && matches(entry));
      if (found !== -1) {
        this.#read = found + 1;
        return this.entries[found]!;
      }
      await this.#change(lost);
      if (lost.aborted)
        throw new Error(`${this.name} waited for ${kind} ${name ?? ''}; saw ${JSON.stringify(this.entries)}`);
    }
  }

  /** What was sent to this socket before the last answer anybody got is here now. */
  async fence(): Promise<void> {
    if (this.socket.connected) await this.#acknowledged('fence', [], () => {});
  }

  async #acknowledged(
    event: string,
    args: readonly unknown[],
    note: (answer: unknown[]) => void,
  ): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${this.name}: no ack of "${event}"; saw ${JSON.stringify(this.entries)}`)),
        PATIENCE_MS,
      );
      this.socket.emit(event, ...args, (...answer: unknown[]) => {
        clearTimeout(late);
        note(answer); // at once: what comes in the same read must not be written down first
        resolve(answer);
      });
    });
  }

  #change(lost: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#changed.push(resolve);
      lost.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #write(entry: Entry): void {
    this.entries.push(entry);
    for (const changed of this.#changed.splice(0)) changed();
  }
}
