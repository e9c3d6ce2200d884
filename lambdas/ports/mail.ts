import type { LiveMember, Millis, Recipient } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { MessageId, NotificationId, UserId } from '../domain/ids.ts';
import type { EnginePacket, Place, SocketEntry } from './socketio.ts';
import type { ClaimKey } from './stores.ts';

/*
 * What one invocation should not tell all recipients itself (there are too many), or could not (a post failed), goes to the
 * function `fan-out` as a mailing. Of many recipients each bag is carried by an invocation of its own.
 * docs/decisions/0015-crowds-in-bags.md.
 */

/** A native connection, found in a room or among the sessions of a user. */
export type NativeAddress = LiveMember | (Recipient & { readonly connectedAt: Millis });

/** A socket, and where it was found. */
export interface SocketAddress {
  readonly place: Place;
  readonly entry: SocketEntry;
}

/** An event, said to each in its own words; or packets of the application, which only sockets get. */
export type Content = { readonly event: DomainEvent } | { readonly packets: readonly EnginePacket[] };

export interface Mailing {
  /** Tells it from every other; the same however often it comes. */
  readonly id: string;
  /** When it happened. */
  readonly at: Millis;
  readonly content: Content;
  readonly natives: readonly NativeAddress[];
  readonly sockets: readonly SocketAddress[];
  /** Of whom nobody knows whether they have been told. */
  readonly doubtful: readonly SocketAddress[];
  /** Others have been told before. */
  readonly late: boolean;
  /** Nobody misses it: it is told soon or never, perhaps twice. */
  readonly fleeting: boolean;
  /** A part of a larger one. */
  readonly isBag?: true;
}

/**
 * Something that was stored before when it came. Whoever stored it tells the others and notes that; or died on the way, and then
 * somebody else has to. `at`: when it came again.
 */
export type Repeat = { readonly at: Millis } & (
  | ({ readonly kind: 'message'; readonly messageId: MessageId } & ClaimKey)
  | { readonly kind: 'notification'; readonly userId: UserId; readonly id: NotificationId }
);

/** Hands mailings to the function `fan-out`. */
export interface Postman {
  /** How many recipients an invocation tells itself. */
  readonly direct: number;
  /** Fulfilled when it will be carried, whatever becomes of this invocation. Rejects with CausewayError('unavailable'). */
  send(mailing: Mailing): Promise<void>;
  /**
   * Has somebody look, once whoever was first has surely ended, whether the others have been told. Fulfilled when that will
   * happen. Rejects with CausewayError('unavailable').
   */
  lookAgain(repeat: Repeat): Promise<void>;
}

/** How far a bag has been carried: recipients before `from` are done, from `to` on nobody has been posted to. */
export interface Progress {
  readonly from: number;
  readonly to: number;
}

export type Taken =
  | ({ readonly outcome: 'taken' } & Progress)
  | { readonly outcome: 'busy' }
  | { readonly outcome: 'done' };

/** Progress of bags, so that each is carried by one invocation at a time, and a second attempt knows what the first did. */
export interface MailStore {
  /** Takes a bag until `until`, for a run of this name; `busy` while another run has it. One write. */
  take(
    bag: string,
    run: { readonly name: string; readonly at: Millis; readonly until: Millis },
  ): Promise<Taken>;
  /** Before anybody from `to` − 1 on is posted to. `lost`: another run has taken it since. */
  note(bag: string, run: string, progress: Progress): Promise<'noted' | 'lost'>;
  /** Everybody is done; nobody carries it again. */
  finish(bag: string, run: string, at: Millis): Promise<void>;
}

/**
 * `refused`: API Gateway did not take it, and may later. `unknown`: there was no answer, so it may have been sent or not.
 * `lost`: it can't be told, ever. `unspoken`: no vocabulary of its has a word for it.
 */
export type Reach = 'sent' | 'gone' | 'refused' | 'unknown' | 'lost' | 'unspoken';

/** The Socket.IO side of the function `fan-out`. Nothing rejects. */
export interface SocketMail {
  /** Encodes once per vocabulary; the index entry of a socket that is gone goes. */
  telling(content: Content): (to: SocketAddress) => Promise<Reach>;
  /**
   * Takes the right to recover from a socket, so that it may be told late: what its client last got says nothing any more.
   * `here`: it can be told. `moved`: it has recovered since, and may have got the event by that. `gone`: it has not come back.
   */
  disown(to: SocketAddress): Promise<'here' | 'moved' | 'gone' | 'unknown'>;
  /** Ends the connection as a network would, so that the client comes back. */
  cut(to: SocketAddress): Promise<'cut' | 'unknown'>;
}
