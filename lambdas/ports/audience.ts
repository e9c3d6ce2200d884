import type { Millis } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import type { SocketAddress } from './mail.ts';
import type { EngineId } from './socketio.ts';

/** Sockets by what became of what was sent to them. `unspoken`: no vocabulary of theirs has a word for the event. */
export interface AudienceSummary {
  readonly sent: number;
  readonly gone: number;
  readonly failed: number;
  readonly unspoken: number;
  /** Of the failed, those who may be told later. Absent: none. */
  readonly left?: Left;
}

export interface Left {
  /** Surely not told. */
  readonly untold: readonly SocketAddress[];
  /** Told, or not: there was no answer. */
  readonly doubtful: readonly SocketAddress[];
}

/** Socket.IO sockets that were found together, each with the vocabularies it understands. */
export interface Gathering {
  readonly size: number;
  /**
   * Says an event to every socket once, in its own words, at most FAN_OUT.concurrency at a time; encodes once per
   * vocabulary. `except`: the public id of the socket that caused it and gets it as its answer. Never rejects.
   */
  say(event: DomainEvent, except?: string): Promise<AudienceSummary>;
  /** Whom `say` would tell: called instead of it when somebody else says the event. */
  hearers(event: DomainEvent, except?: string): readonly SocketAddress[];
  /** Those of this gathering and of others, each socket once. */
  and(other: Gathering): Gathering;
  /** Those of this gathering who are not in the other. */
  without(other: Gathering): Gathering;
}

/**
 * The Socket.IO side of fan-out: what MemberStore, SessionStore and Gateway together are for the native API. Rejects with
 * CausewayError('unavailable') when the index can't be read.
 */
export interface Audience {
  /** Sockets that are in a chat room now. One round of calls, made beside MemberStore.list. 0.5 RRU per 40 sockets and namespace. */
  inRoom(roomId: RoomId, at: Millis): Promise<Gathering>;
  /** As inRoom, but of a crowd of more than `most` only so many that one sees it. */
  fewInRoom(roomId: RoomId, at: Millis, most: number): Promise<Gathering>;
  /** All sockets of a user, over every device and namespace. */
  ofUser(userId: UserId, at: Millis): Promise<Gathering>;
  /**
   * An open session with a socket of the user; undefined when there is none. Strong, and asks the sessions themselves: what a
   * crash left in the index counts for nothing. `known`: the session that was found before, asked first, and eventually consistent
   * (0.5 RRU): who ended a moment ago may be found once more.
   */
  openSession(userId: UserId, at: Millis, known?: EngineId): Promise<EngineId | undefined>;
  /**
   * Ends connections of sockets that can't be told something, now or later, so that their clients come back and read what they
   * missed. Never rejects.
   */
  drop(sockets: readonly SocketAddress[]): Promise<void>;
  /** Takes a user's sockets out of a chat room (the right to it was taken away); those that were in it. */
  evict(roomId: RoomId, userId: UserId, at: Millis): Promise<Gathering>;
}
