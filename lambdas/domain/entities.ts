import type {
  ClientMessageId,
  ConnectionId,
  Email,
  MessageId,
  NotificationId,
  RoomId,
  SessionId,
  UserId,
} from './ids.ts';

/** All instants are epoch milliseconds; edges turn them into ISO 8601. */
export type Millis = number;

/** Any JSON object a client attached; at most 8 KB, stored and echoed, never interpreted. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface User {
  readonly id: UserId;
  readonly username: string;
  readonly email?: Email;
  readonly displayName?: string;
  /** Any word: freelance, company, admin … Only `admin` and `service` mean something to Causeway. */
  readonly role?: string;
  readonly createdAt: Millis;
  /** Has a live session, as far as the others were told. Read only; absent for everybody else. */
  readonly isOnline?: true;
  /** When the last session before this one ended. Read only. */
  readonly lastSeenAt?: Millis;
}

/** What a verified token says about its bearer. `expiresAt` is absent only for tokens without `exp`. */
export interface Identity {
  readonly userId: UserId;
  readonly username: string;
  readonly email?: Email;
  readonly displayName?: string;
  readonly role?: string;
  readonly expiresAt: Millis;
  /** True when the token comes from POST /auth/*: its user must exist. False: the first connect creates the profile. */
  readonly builtIn: boolean;
}

export interface Room {
  readonly id: RoomId;
  readonly name?: string;
  readonly createdBy: UserId;
  readonly createdAt: Millis;
}

export interface Participant {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly joinedAt: Millis;
  /** The read receipt: the newest message this user has read. Only ever moves forward. */
  readonly lastReadMessageId?: MessageId;
  readonly lastReadAt?: Millis;
}

/** Who wrote a message, as the token said at that moment. */
export interface Sender {
  readonly id: UserId;
  readonly username: string;
  readonly email?: Email;
  readonly displayName?: string;
}

export const MESSAGE_TYPES = ['text', 'image', 'file'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

export interface Message {
  readonly id: MessageId;
  readonly roomId: RoomId;
  readonly sender: Sender;
  /** 1–10,000 UTF-16 code units. */
  readonly content: string;
  readonly messageType: MessageType;
  readonly replyTo?: MessageId;
  readonly clientMessageId?: ClientMessageId;
  readonly context?: JsonObject;
  readonly createdAt: Millis;
  /** Nobody was told before: when its handling began. Absent: when it was created. */
  readonly toldAt?: Millis;
  /** Somebody may have been told as late as this. Absent: within TELLING.skewMs. */
  readonly toldUntil?: Millis;
  /** The turn in which it was told; see domain/turns.ts. */
  readonly turn?: string;
}

/** Which WebSocket API a connection belongs to, and so which words it speaks. */
export type DialectName = 'native';

/** A connection that fan-out can post to. */
export interface Recipient {
  readonly connectionId: ConnectionId;
  readonly userId: UserId;
  readonly dialect: DialectName;
}

/** A connection that has joined a room and receives its events. `shard` is where its row lives. */
export interface LiveMember extends Recipient {
  readonly roomId: RoomId;
  readonly shard: number;
}

export interface JoinedRoom {
  readonly roomId: RoomId;
  readonly shard: number;
}

/** A live connection of a user: row of `$connect`, removed by `$disconnect`, a 410 or its TTL. */
export interface Session extends Recipient {
  readonly sessionId: SessionId;
  readonly connectedAt: Millis;
  readonly rooms: readonly JoinedRoom[];
}

export interface Notification {
  readonly id: NotificationId;
  readonly userId: UserId;
  readonly payload: JsonObject;
  readonly createdAt: Millis;
  /** As a message's, both. */
  readonly toldAt?: Millis;
  readonly toldUntil?: Millis;
  readonly readAt?: Millis;
}

/** A user who is doing something over a connection, as the gateway's authorizer attested. */
export interface Actor extends Sender {
  readonly connectionId: ConnectionId;
  readonly dialect: DialectName;
  readonly tokenExpiresAt: Millis;
}

/** When and as what the gateway received a frame: what message ids are made of. `requestId` is unique per frame. */
export interface Arrival {
  readonly at: Millis;
  readonly requestId: string;
  /** When its handling began, which may be much later: after a cold start, or of an event that waited in a queue. */
  readonly handledAt?: Millis;
  /** The turn in which it is handled; see domain/turns.ts. */
  readonly turn?: string;
}
