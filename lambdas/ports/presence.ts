import type { Millis } from '../domain/entities.ts';
import type { UserId } from '../domain/ids.ts';
import type { PresenceStage } from '../domain/presence.ts';

/** A user's presence as it was read. */
export interface Presence {
  readonly userId: UserId;
  readonly username: string;
  readonly stage: PresenceStage;
  /** When the stage began; 0 for somebody who never was online. */
  readonly since: Millis;
  readonly lastConnectAt?: Millis;
  /** How many connects there were. */
  readonly connects: number;
  /** When the user was last online; of somebody who is, from the time before. */
  readonly lastSeenAt?: Millis;
  /** Of this very state; '' before the first. The store's own business. */
  readonly version: string;
  /** Of the entry in the list of those who are online; the store's own business. */
  readonly mark?: string;
}

/** The next state. */
export interface Turn {
  readonly stage: PresenceStage;
  readonly at: Millis;
  /** With `leaving`. */
  readonly lastSeenAt?: Millis;
}

/** An entry in the list of those who are online. */
export interface OnlineUser {
  readonly userId: UserId;
  readonly since: Millis;
  readonly mark: string;
}

/**
 * Who is marked as online. The marks change one at a time, each compared with the one before. Whoever is `arriving`, `online` or
 * `leaving` is in a list too, from before until after, so that those can be found who are marked wrongly.
 * As all stores: MUST reject with CausewayError('unavailable') when it cannot answer now.
 */
export interface PresenceStore {
  /** Strong. Undefined when there is no such user. */
  get(userId: UserId): Promise<Presence | undefined>;
  /**
   * The new state, or `changed` when it no longer is as it `was`; to `leaving` also when the user has connected meanwhile. A
   * repetition of the very call succeeds.
   */
  turn(was: Presence, next: Turn): Promise<Presence | 'changed'>;
  /** Those who are online, of one of SWEEP.rings rings, page by page; eventually consistent. */
  online(ring: number): AsyncIterable<readonly OnlineUser[]>;
  /** Takes an entry out of the list that nobody has replaced; for one that a crash left behind. */
  strike(user: OnlineUser): Promise<void>;
}
