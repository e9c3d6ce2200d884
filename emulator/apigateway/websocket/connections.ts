import type { Clock, Meter } from '../../types.ts';
import { ENDINGS, type Connection, type Ending } from './connection.ts';

export interface Limits {
  /** "Idle Connection Timeout: 10 minutes" without a message in either direction. */
  readonly idleMs: number;
  /** "Connection duration for WebSocket API: 2 hours". */
  readonly lifetimeMs: number;
}

/** Every connection whose 101 has been written and that hasn't closed, with its idle and lifetime timers. */
export class Connections {
  readonly #byId = new Map<string, { connection: Connection; cancel: () => void }>();
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #limits: Limits;
  /** Runs for a vanished peer when API Gateway notices or ends it: no socket event will come. */
  readonly #vanished: (connection: Connection, ending: Ending) => void;

  constructor(
    services: { clock: Clock; meter: Meter },
    limits: Limits,
    vanished: (connection: Connection, ending: Ending) => void,
  ) {
    this.#clock = services.clock;
    this.#meter = services.meter;
    this.#limits = limits;
    this.#vanished = vanished;
  }

  add(connection: Connection): void {
    const timers: (() => void)[] = [];
    this.#byId.set(connection.peer.connectionId, {
      connection,
      cancel: () => timers.forEach((cancel) => cancel()),
    });
    timers[0] = this.#clock.at(connection.peer.connectedAt + this.#limits.lifetimeMs, () =>
      this.end(connection, ENDINGS.goingAway),
    );
    this.#watchIdle(connection, timers);
  }

  get(id: string): Connection | undefined {
    return this.#byId.get(id)?.connection;
  }

  all(): readonly Connection[] {
    return [...this.#byId.values()].map(({ connection }) => connection);
  }

  /** Forgets a closed connection. False when that has already happened. */
  remove(connection: Connection): boolean {
    const entry = this.#byId.get(connection.peer.connectionId);
    if (entry?.connection !== connection) return false;
    entry.cancel();
    this.#byId.delete(connection.peer.connectionId);
    this.#meterTime(connection);
    connection.state = 'closed';
    return true;
  }

  /** API Gateway ends it; nobody answers the close frame to a vanished peer. */
  end(connection: Connection, ending: Ending): void {
    if (connection.state === 'vanished') this.#vanished(connection, ending);
    else connection.end(ending);
  }

  /** Brings the meter's connection minutes up to now. */
  meterTime(): void {
    for (const connection of this.all()) this.#meterTime(connection);
  }

  #meterTime(connection: Connection): void {
    const now = this.#clock.now();
    this.#meter.connectionSeconds((now - connection.meteredUntil) / 1000);
    connection.meteredUntil = now;
  }

  /** One timer that looks when it fires, instead of one that every message moves. */
  #watchIdle(connection: Connection, timers: (() => void)[]): void {
    timers[1] = this.#clock.at(connection.lastActiveAt + this.#limits.idleMs, () => {
      if (this.#clock.now() - connection.lastActiveAt >= this.#limits.idleMs)
        this.end(connection, ENDINGS.goingAway);
      else this.#watchIdle(connection, timers);
    });
  }
}
