import type {
  LiveMember,
  Message,
  Millis,
  Notification,
  Participant,
  Room,
  Session,
  User,
} from '../../domain/entities.ts';
import type { ConnectionId, Email, MessageId, NotificationId, RoomId, UserId } from '../../domain/ids.ts';
import type { Progress } from '../../ports/mail.ts';
import type { OnlineUser, Presence } from '../../ports/presence.ts';
import type { Account, Claimed, WatchedConnection } from '../../ports/stores.ts';

export interface Expiring<T> {
  readonly value: T;
  readonly expiresAt: Millis;
}

/** Everything stored, in one place, as the one table holds it. Keys of several parts are joined by `#`, which no id contains. */
export interface State {
  readonly users: Map<UserId, User>;
  readonly accounts: Map<Email, Account>;
  /** What the profile says besides: marks, connects. */
  readonly presence: Map<UserId, Omit<Presence, 'userId' | 'username'>>;
  /** The list of those who are online. */
  readonly online: Map<UserId, OnlineUser>;
  /** Connections the sweep looks after. */
  readonly watched: Map<ConnectionId, WatchedConnection>;
  readonly rooms: Map<RoomId, Room>;
  readonly participants: Map<RoomId, Map<UserId, Participant>>;
  readonly messages: Map<RoomId, Map<MessageId, Message>>;
  /** room#sender#clientMessageId */
  readonly claims: Map<string, Expiring<Claimed>>;
  /** Per room, by shard#connectionId. */
  readonly members: Map<RoomId, Map<string, Expiring<LiveMember>>>;
  readonly shards: Map<RoomId, number>;
  /** user#connectionId */
  readonly sessions: Map<string, Expiring<Session>>;
  readonly notifications: Map<UserId, Map<NotificationId, Notification>>;
  /** Those of which all sockets have been told. */
  readonly toldNotifications: Set<NotificationId>;
  /** key#window start */
  readonly attempts: Map<string, number>;
  /** When each token bucket will be full. */
  readonly buckets: Map<string, Millis>;
  /** Progress of bags (ports/mail.ts). */
  readonly bags: Map<string, Progress & { run: string; until: Millis; finished: boolean }>;
}

export function createState(): State {
  return {
    users: new Map(),
    accounts: new Map(),
    presence: new Map(),
    online: new Map(),
    watched: new Map(),
    rooms: new Map(),
    participants: new Map(),
    messages: new Map(),
    claims: new Map(),
    members: new Map(),
    shards: new Map(),
    sessions: new Map(),
    notifications: new Map(),
    toldNotifications: new Set(),
    attempts: new Map(),
    buckets: new Map(),
    bags: new Map(),
  };
}

/** The partition of a key, made when it is first written to. */
export function partition<K, L, V>(partitions: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const found = partitions.get(key) ?? new Map<L, V>();
  partitions.set(key, found);
  return found;
}

/** DynamoDB keeps expiry in whole seconds and sweeps late, so every read decides for itself whether a row still counts. */
export function isLive(row: Expiring<unknown> | undefined, at: Millis): boolean {
  return row !== undefined && row.expiresAt > at;
}
