import type { EnginePacket } from '../../lambdas/ports/socketio.ts';
import type { Outlet } from '../types.ts';

export interface OutgoingDeps {
  readonly outlet: Outlet;
  /** Stores what the invocation changed so far. */
  commit(): Promise<void>;
  readonly flushAfterMs: number;
  readonly failed: (error: unknown) => void;
}

/**
 * What goes to the client of this invocation, in order. A packet may make the client send its next one, which another
 * instance handles: nothing leaves before the state it was sent from has been stored. Usually the engine does both at
 * the end; a slow application, or one that waits for its client, gets a commit of its own.
 */
export class Outgoing {
  private readonly deps: OutgoingDeps;
  private waiting: EnginePacket[] = [];
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();
  /** Flushes that have not ended. */
  private leaving = 0;

  constructor(deps: OutgoingDeps) {
    this.deps = deps;
  }

  write(packets: readonly EnginePacket[]): void {
    this.waiting.push(...packets);
    this.timer ??= setTimeout(() => void this.flush(), this.deps.flushAfterMs);
  }

  /** Stores and sends what was written so far. Never rejects. */
  flush(): Promise<void> {
    this.stop();
    this.leaving += 1;
    this.flushing = this.flushing
      .then(() => this.leave())
      .catch(this.deps.failed)
      .finally(() => {
        this.leaving -= 1;
      });
    return this.flushing;
  }

  /** Sends what was written before the last packet, if `mayLeave` although nothing is stored first. Never rejects. */
  lead(mayLeave: () => boolean): void {
    const count = this.waiting.length - 1;
    if (count < 1 || this.leaving > 0 || !mayLeave()) return;
    this.deps.outlet.write(this.waiting.splice(0, count));
    this.flushing = this.flushing.then(() => this.deps.outlet.flush()).catch(this.deps.failed);
  }

  /** Ends when nothing is being stored or sent; the rest waits for `finish`. */
  async settled(): Promise<void> {
    this.stop();
    await this.flushing;
  }

  /** Nobody is left to get it. */
  discard(): void {
    this.stop();
    this.waiting = [];
  }

  /** Hands the rest to the engine, which stores before it sends. */
  async finish(): Promise<void> {
    await this.settled();
    if (this.waiting.length > 0) this.deps.outlet.write(this.waiting.splice(0));
  }

  private async leave(): Promise<void> {
    const count = this.waiting.length;
    if (count === 0) return;
    await this.deps.commit();
    this.deps.outlet.write(this.waiting.splice(0, count));
    await this.deps.outlet.flush();
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
