import type {
  LiveMember,
  JoinedRoom,
  Message,
  Millis,
  Notification,
  Participant,
  Room,
  Session,
  User,
} from '../domain/entities.ts';
import type {
  ClientMessageId,
  ConnectionId,
  Email,
  MessageId,
  NotificationId,
  RoomId,
  UserId,
} from '../domain/ids.ts';

/*
 * What the use cases need of storage. Every method MUST reject with CausewayError('unavailable') when the store cannot
 * answer now, and MUST NOT leak the store's own errors. "Strong" reads see every write that returned before them.
 * Implementations: adapters/dynamodb (the real one), adapters/memory (the reference). Both pass test/contract.
 */

export interface Account {
  readonly userId: UserId;
  /** Self-describing scrypt string; see ports/security.ts. */
  readonly passwordHash: string;
}

export interface UserStore {
  /** Stores the profile and claims the e-mail address. MUST leave nothing behind on `email-taken`. */
  register(user: User & { readonly email: Email }, passwordHash: string): Promise<'created' | 'email-taken'>;
  account(email: Email): Promise<Account | undefined>;
  get(userId: UserId): Promise<User | undefined>;
  /** Those that exist, in no order. */
  getMany(userIds: readonly UserId[]): Promise<readonly User[]>;
}

export interface RoomStore {
  /** Stores the room and its first participants. Repeating it with the same room finishes what a crash left. */
  create(room: Room, userIds: readonly UserId[]): Promise<void>;
  get(roomId: RoomId): Promise<Room | undefined>;
  getMany(roomIds: readonly RoomId[]): Promise<readonly Room[]>;
  /** Eventually consistent; a caller MUST confirm an absence with `strong` before it refuses anybody. */
  participant(roomId: RoomId, userId: UserId, read: 'eventual' | 'strong'): Promise<Participant | undefined>;
  participants(roomId: RoomId): Promise<readonly Participant[]>;
  /** Ids of the rooms a user participates in, in no order. */
  roomsOf(userId: UserId): Promise<readonly RoomId[]>;
  /** Keeps the receipt and `joinedAt` of somebody who is in already. */
  addParticipants(roomId: RoomId, userIds: readonly UserId[], at: Millis): Promise<void>;
  removeParticipant(roomId: RoomId, userId: UserId): Promise<'removed' | 'absent'>;
  /** Moves the read receipt forward, atomically; checks participation in the same write. */
  advanceReceipt(receipt: {
    readonly roomId: RoomId;
    readonly userId: UserId;
    readonly messageId: MessageId;
    readonly readAt: Millis;
  }): Promise<'advanced' | 'not-newer' | 'not-participant'>;
}

export interface SinceQuery {
  /** The earliest instant in an id. */
  readonly from: Millis;
  /** At least 1. Large rows may end the answer sooner. */
  readonly limit: number;
}

export interface Since<T> {
  readonly found: readonly T[];
  /** False when there are, or may be, younger ones. */
  readonly complete: boolean;
}

export interface MessagePage {
  /** Newest first. */
  readonly messages: readonly Message[];
  /** Pass as `before` to get the next older page; absent on the last page. */
  readonly nextCursor?: MessageId;
}

/** Whose message a `clientMessageId` names. */
export interface ClaimKey {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly clientMessageId: ClientMessageId;
}

export interface Claimed {
  readonly messageId: MessageId;
  readonly at: Millis;
  /** Everybody has been told of it, or surely will be. */
  readonly told?: true;
}

export interface MessageStore {
  /** `exists` when the id is already stored: the same frame was handled before. */
  append(message: Message): Promise<'stored' | 'exists'>;
  /** Takes back a message whose sender turned out not to be allowed. */
  remove(roomId: RoomId, messageId: MessageId): Promise<void>;
  get(roomId: RoomId, messageId: MessageId): Promise<Message | undefined>;
  /** Notes that somebody may be told of it as late as `until` (Message.toldUntil). Nothing happens to one that is gone. */
  late(roomId: RoomId, messageId: MessageId, until: Millis): Promise<void>;
  history(
    roomId: RoomId,
    page: { readonly limit: number; readonly before?: MessageId },
  ): Promise<MessagePage>;
  /** Those that arrived at `from` or later, oldest first. Strong, one read. */
  since(roomId: RoomId, query: SinceQuery): Promise<Since<Message>>;
  /** Messages newer than `after`, not written by `exceptSender`; counts no further than `limit`. */
  countAfter(
    roomId: RoomId,
    query: { readonly after?: MessageId; readonly exceptSender: UserId; readonly limit: number },
  ): Promise<number>;
  /**
   * Claims (room, sender, clientMessageId) for `messageId`, for 24 hours from `at`. The first claim wins; whoever comes
   * later gets the winner's id and instant. Atomic.
   */
  claim(claim: ClaimKey & Omit<Claimed, 'told'>): Promise<Claimed>;
  /** As it stands; undefined when there is none, or none any more. Strong. */
  claimed(key: ClaimKey, at: Millis): Promise<Claimed | undefined>;
  /** Notes that everybody has been told of what was claimed. Nothing happens to a claim that is gone. */
  told(key: ClaimKey): Promise<void>;
}

/** Live members of rooms, spread over `shards` partitions per room. */
export interface MemberStore {
  /** Number of shards of the room; 1 until it grew. */
  shards(roomId: RoomId): Promise<number>;
  /** Idempotent. The row expires at `expiresAt`. */
  add(member: LiveMember, expiresAt: Millis): Promise<void>;
  /** Idempotent. */
  remove(connectionId: ConnectionId, room: JoinedRoom): Promise<void>;
  /** All live members whose row has not expired at `at`, from every shard. */
  list(
    roomId: RoomId,
    at: Millis,
  ): Promise<{ readonly members: readonly LiveMember[]; readonly shards: number }>;
  /** As list, but of a room with more than `most` members only so many that one sees it, for little more than `most` cost. */
  few(roomId: RoomId, at: Millis, most: number): Promise<readonly LiveMember[]>;
  /** Sets the number of shards if it still is `from`. Members stay where they are. */
  grow(roomId: RoomId, from: number, to: number): Promise<void>;
}

export interface SessionStore {
  /** Stores the session until `expiresAt`. */
  open(session: Session, expiresAt: Millis): Promise<void>;
  /**
   * For tokens of the built-in issuer: `missing` when the user does not exist. For others: creates the profile when it
   * does not exist. One write, notes the user's last connect. May run at the same time as `open`. `away`: the user is not
   * marked as online (ports/presence.ts), so once the session is stored somebody MUST settle that.
   */
  admit(user: User, kind: 'must-exist' | 'create', at: Millis): Promise<'online' | 'away' | 'missing'>;
  /** Has the sweep look after a connection, until it is told not to. Idempotent. */
  watch(session: Session, expiresAt: Millis): Promise<void>;
  /** Idempotent. */
  unwatch(connectionId: ConnectionId): Promise<void>;
  /** Connections being watched, of one of SWEEP.rings rings, page by page; eventually consistent. */
  watched(ring: number): AsyncIterable<readonly WatchedConnection[]>;
  /** `closed` when the session is gone (its connection died meanwhile); `full` at CHAT.roomsPerSession. */
  addRoom(key: SessionKey, room: JoinedRoom): Promise<'added' | 'closed' | 'full'>;
  removeRoom(key: SessionKey, room: JoinedRoom): Promise<void>;
  get(key: SessionKey): Promise<Session | undefined>;
  /** Removes the session and returns it as it was; undefined when somebody else was first. */
  close(key: SessionKey): Promise<Session | undefined>;
  /** All live sessions of a user at `at`. */
  ofUser(userId: UserId, at: Millis): Promise<readonly Session[]>;
}

export interface WatchedConnection extends SessionKey {
  readonly connectedAt: Millis;
}

export interface SessionKey {
  readonly userId: UserId;
  readonly connectionId: ConnectionId;
}

export interface NotificationStore {
  add(notification: Notification): Promise<'stored' | 'exists'>;
  /** Strong. `told`: all sockets have been told of it, or surely will be. */
  get(
    userId: UserId,
    id: NotificationId,
  ): Promise<{ readonly notification: Notification; readonly told: boolean } | undefined>;
  /** As MessageStore.late. */
  late(userId: UserId, id: NotificationId, until: Millis): Promise<void>;
  /** Notes that all sockets have been told. */
  told(userId: UserId, id: NotificationId): Promise<void>;
  /** Newest first. */
  list(
    userId: UserId,
    page: { readonly limit: number; readonly before?: NotificationId; readonly unreadOnly: boolean },
  ): Promise<{ readonly notifications: readonly Notification[]; readonly nextCursor?: NotificationId }>;
  /** As MessageStore.since, read ones included. */
  since(userId: UserId, query: SinceQuery): Promise<Since<Notification>>;
  /** Idempotent: the first instant stays. Undefined when there is no such notification of this user. */
  markRead(userId: UserId, id: NotificationId, at: Millis): Promise<{ readonly readAt: Millis } | undefined>;
}

/** Counters in fixed windows that hold across Lambda instances. */
export interface ThrottleStore {
  /** Counts one attempt and returns how many there were in the window that `at` falls into. */
  hit(key: string, window: { readonly seconds: number; readonly at: Millis }): Promise<number>;
}
