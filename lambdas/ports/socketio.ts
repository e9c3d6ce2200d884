import type { Millis } from '../domain/entities.ts';
import type { ConnectionId } from '../domain/ids.ts';

/*
 * What the Socket.IO bridge needs of storage. As in ports/stores.ts every method MUST reject with
 * CausewayError('unavailable') when the store cannot answer now. All reads of sessions are strong.
 * Implementations: adapters/dynamodb/socketio, adapters/memory/socketio. Both pass test/contract.
 */

declare const engineId: unique symbol;
/**
 * Engine.IO session id (sid): 24 characters base64url, a bearer secret. Its first character says in which heartbeat ring
 * the session is (compat/engine/ring.ts), so that the sweep finds all sessions due now with one query and no index.
 */
export type EngineId = string & { readonly [engineId]: true };

/** Name of a Socket.IO namespace, with its leading slash. */
export type Namespace = string;
/** Public id of a socket in one namespace, 20 characters. */
export type SocketId = string;
/** An Engine.IO packet as text: type digit and data, or `b` and base64. */
export type EnginePacket = string;

/** What `socket.handshake` is made of; taken from the first request of the session, kept for its life. */
export interface StoredHandshake {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Path and query of the first request. */
  readonly url: string;
  readonly address: string;
  readonly secure: boolean;
  readonly issued: Millis;
}

/** One socket: a session's membership of one namespace. */
export interface StoredSocket {
  readonly id: SocketId;
  /** Private recovery id; absent when recovery is off. */
  readonly pid?: string;
  /** API Gateway's id of the frame that brought CONNECT; absent over polling. Tells a repeated delivery from a second CONNECT. */
  readonly frame?: string;
  /** JSON object the client sent with CONNECT. */
  readonly auth: string;
  /** `socket.data` as JSON. */
  readonly data: string;
  /** Rooms but its own id, which every socket is in. */
  readonly rooms: readonly string[];
  /** What its index entries say of it; see SocketEntry. */
  readonly tag?: string;
  /** Of a socket that came back: offsets that its client had got, though they sort after the last one it named, which is the first here. */
  readonly seen?: readonly string[];
}

export interface Closed {
  readonly reason: string;
  readonly at: Millis;
  /** Its client is expected back at once: the index keeps its sockets for it. */
  readonly returning?: true;
}

export interface EngineSession {
  readonly sid: EngineId;
  readonly transport: 'polling' | 'websocket';
  /** Where a websocket session is reached. */
  readonly connectionId?: ConnectionId;
  /** A WebSocket that was opened with this sid and has not yet sent `5`. */
  readonly probing?: { readonly connectionId: ConnectionId; readonly at: Millis };
  readonly handshake: StoredHandshake;
  readonly openedAt: Millis;
  /** When the client last answered a ping, or opened the session. */
  readonly seenAt: Millis;
  /** When the last ping was sent by a poll; polling sessions only. */
  readonly pingedAt?: Millis;
  /** The client said `b64=1`: it sends binary as text. */
  readonly base64: boolean;
  readonly sockets: Readonly<Record<Namespace, StoredSocket>>;
  /** Set by the first `connect`, for good: a client may leave its last namespace and stay. */
  readonly joined?: true;
  /** Packets waiting for the next poll, oldest first. */
  readonly outbox: readonly EnginePacket[];
  /** Socket.IO packets whose attachments have not all come, as the engine keeps them (JSON text each), oldest first. */
  readonly partial: readonly string[];
  /** The poll that is waiting now. */
  readonly poll?: { readonly token: string; readonly until: Millis };
  readonly closed?: Closed;
  /** Of the latest hold that has not been released. */
  readonly heldUntil?: Millis;
}

/** What one run of the application changes of a session. Committed in one write. */
export interface SessionChanges {
  /** New sockets, changed `data` and tags. */
  readonly sockets?: Readonly<
    Record<Namespace, { readonly connect?: StoredSocket; readonly data?: string; readonly tag?: string }>
  >;
  readonly joined?: readonly { readonly nsp: Namespace; readonly room: string }[];
  readonly left?: readonly { readonly nsp: Namespace; readonly room: string }[];
  /** Namespaces the socket left. */
  readonly disconnected?: readonly Namespace[];
  /** Appended to the outbox; only while the session polls. */
  readonly packets?: readonly EnginePacket[];
}

export type CommitOutcome =
  | { readonly outcome: 'committed' }
  /** A packet for a poll came too late: the session has moved to this connection. Everything else was committed. */
  | { readonly outcome: 'moved'; readonly connectionId: ConnectionId }
  /** Gone or closed: nothing was written. */
  | { readonly outcome: 'closed' }
  /** `connect` for a namespace that has a socket already: nothing was written. */
  | { readonly outcome: 'conflict' }
  /** The outbox or the row would exceed its limit: nothing was written. */
  | { readonly outcome: 'full' };

export interface EngineSessionStore {
  /** Expires at `expiresAt` unless touched by upgrade or recovery. */
  open(session: EngineSession, expiresAt: Millis): Promise<void>;
  /** Strong unless said otherwise: 1 RRU, eventual half of it. */
  get(sid: EngineId, read?: 'strong' | 'eventual'): Promise<EngineSession | undefined>;
  /** Notes the WebSocket that probes. One conditional write, no read. */
  probe(
    sid: EngineId,
    probing: { readonly connectionId: ConnectionId; readonly at: Millis },
  ): Promise<'probing' | 'unknown' | 'upgraded'>;
  /** Moves a polling session to its probing connection and takes the outbox; the session as it was before. */
  upgrade(sid: EngineId, connectionId: ConnectionId, expiresAt: Millis): Promise<EngineSession | 'refused'>;
  /** The client answered a ping. One write, no read; the session as it is now, undefined when it is over or has been seen later. */
  pong(sid: EngineId, at: Millis): Promise<EngineSession | undefined>;
  /** A poll starts to wait; `busy` when another one is waiting. */
  lease(
    sid: EngineId,
    poll: { readonly token: string; readonly until: Millis },
    now: Millis,
  ): Promise<'leased' | 'busy' | 'closed'>;
  /**
   * Ends a poll: takes at most `max` packets of the outbox and frees the lease (`token` absent: none was taken), notes a
   * ping when one is sent. Nobody else gets the same packets. `lost`: another poll holds the lease, or the session is gone.
   */
  drain(
    sid: EngineId,
    poll: { readonly token?: string; readonly max: number; readonly pingedAt?: Millis },
  ): Promise<readonly EnginePacket[] | 'lost'>;
  commit(sid: EngineId, changes: SessionChanges): Promise<CommitOutcome>;
  /** Appends to a polling session's outbox. */
  enqueue(
    sid: EngineId,
    packets: readonly EnginePacket[],
  ): Promise<'queued' | 'gone' | 'full' | { readonly connectionId: ConnectionId }>;
  /** Has `defer` keep packets until `release`. The instant also tells this hold from another one of the session. */
  hold(sid: EngineId, until: Millis): Promise<void>;
  /**
   * Keeps packets of one event (domain/told-event.ts), or of none, for the hold. `free`: it is over, or has too many already, and they are to be sent.
   * What a hold that is over had told already is `deferred` for ever, and so is everything for a session that ended before its hold.
   */
  defer(sid: EngineId, until: Millis, packets: readonly EnginePacket[]): Promise<'deferred' | 'free'>;
  /** Takes what was deferred. `free`: there is nothing, and from now on nothing is deferred but the events `told`. */
  release(sid: EngineId, until: Millis, told?: readonly string[]): Promise<readonly EnginePacket[] | 'free'>;
  /** Replaces the partial packets if they still are `was`. */
  setPartial(sid: EngineId, was: readonly string[], next: readonly string[]): Promise<'stored' | 'changed'>;
  /** Marks the session closed and keeps it until `keepUntil` (for recovery); as it was, to the first caller only. */
  close(sid: EngineId, closed: Closed, keepUntil: Millis): Promise<EngineSession | undefined>;
  /**
   * Takes a namespace's socket out of a session for recovery, once: undefined when `pid` is not that socket's, or
   * somebody took it before. A session still open is taken too (its peer came back before anybody noticed it was gone).
   */
  claim(
    sid: EngineId,
    nsp: Namespace,
    pid: string,
  ): Promise<{ readonly socket: StoredSocket; readonly session: EngineSession } | undefined>;
  /**
   * A namespace's socket, open or closed, can't be claimed any more: whoever held its `pid` starts anew. False when there is
   * no such socket, or not any more.
   */
  disown(sid: EngineId, nsp: Namespace): Promise<boolean>;
  /** Recovery of `pid` will find its socket under `to` (the sid named in a pid is that of its first session). */
  forward(from: EngineId, pid: string, to: EngineId, keepUntil: Millis): Promise<void>;
  forwarded(from: EngineId, pid: string): Promise<EngineId | undefined>;
  /** Every session of a heartbeat ring, page by page, eventually consistent. */
  ring(ring: string, at: Millis): AsyncIterable<readonly EngineSession[]>;
}

/** How to reach one socket: the connection of a websocket session, else the outbox of a polling one. */
export interface SocketEntry {
  readonly socketId: SocketId;
  readonly sid: EngineId;
  readonly connectionId?: ConnectionId;
  /**
   * A short word on what the socket understands (the chat vocabulary it settled on), so that fan-out need not read its
   * session. Every entry of a socket says the same.
   */
  readonly tag?: string;
  /** It is coming back: until then what it is told is deferred, unless that hold was released before. */
  readonly heldUntil?: Millis;
}

/** Who is in which room of which namespace. `room` absent: the whole namespace. */
export interface SocketIndex {
  /** Idempotent; replaces the entry (an upgrade changes how a socket is reached). */
  add(place: Place, entry: SocketEntry, expiresAt: Millis): Promise<void>;
  /** Only the entry of this very session: a socket that was recovered stands there under the same id, with another sid. */
  remove(place: Place, socket: Pick<SocketEntry, 'socketId' | 'sid'>): Promise<void>;
  /** Changes the tag of an entry that stands, of this very session; one that is gone stays gone. */
  tag(place: Place, socket: Pick<SocketEntry, 'socketId' | 'sid'>, tag: string): Promise<void>;
  /** Eventually consistent, 0.5 RRU per 40 sockets; `strong` costs twice as much and misses nobody who came a moment ago. */
  list(place: Place, at: Millis, read?: 'strong'): Promise<readonly SocketEntry[]>;
  /** As list, eventually consistent; of a place with more than `most` only so many that one sees it. */
  few(place: Place, at: Millis, most: number): Promise<readonly SocketEntry[]>;
  /** One socket by its public id. */
  find(nsp: Namespace, socketId: SocketId, at: Millis): Promise<SocketEntry | undefined>;
}
export interface Place {
  readonly nsp: Namespace;
  readonly room?: string;
}

/** Packets kept for connection state recovery, per room, for the recovery window. */
export interface PacketLog {
  /** `offset` is time-ordered text; appending it again replaces it. `room` absent: sent to the whole namespace. `except`: socket ids and rooms. */
  append(place: Place, packet: LoggedPacket, expiresAt: Millis): Promise<void>;
  /** Packets after `offset`, oldest first. */
  since(place: Place, offset: string, at: Millis): Promise<readonly LoggedPacket[]>;
}
export interface LoggedPacket {
  readonly offset: string;
  /** JSON array of the packet's data, offset included; binary as { "_base64": … }. */
  readonly data: string;
  readonly except: readonly string[];
  /** Somebody may have been told as late as this. Absent: within TELLING.skewMs. */
  readonly until?: Millis;
  /** The turn in which it was told; see domain/turns.ts. */
  readonly turn?: string;
}

/** Answers of clients to server acks, handed from the invocation that got them to the one that waits. */
export interface AckStore {
  /** `args`: JSON array. First answer of a socket wins. */
  answer(
    ack: { readonly nsp: Namespace; readonly id: number },
    from: { readonly socketId: SocketId; readonly args: string },
    expiresAt: Millis,
  ): Promise<void>;
  answers(ack: {
    readonly nsp: Namespace;
    readonly id: number;
  }): Promise<readonly { readonly socketId: SocketId; readonly args: string }[]>;
}

export interface SocketIoStores {
  readonly sessions: EngineSessionStore;
  readonly sockets: SocketIndex;
  readonly packets: PacketLog;
  readonly acks: AckStore;
}
