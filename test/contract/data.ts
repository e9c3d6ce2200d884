import { randomBytes } from 'node:crypto';
import type {
  LiveMember,
  Message,
  Notification,
  Room,
  Session,
  User,
} from '../../lambdas/domain/entities.ts';
import type {
  ClientMessageId,
  ConnectionId,
  Email,
  MessageId,
  NotificationId,
  RoomId,
  SessionId,
  UserId,
} from '../../lambdas/domain/ids.ts';

/** The stores' own clock in these suites. Whole seconds: rows expire in seconds. */
export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const HOUR = 3_600_000;

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

export const someUserId = (): UserId => hex(12) as UserId;
export const someRoomId = (): RoomId => hex(12) as RoomId;
/** As long as API Gateway's own: 16 characters. */
export const someConnectionId = (): ConnectionId =>
  (randomBytes(11).toString('base64').slice(0, 15) + '=') as ConnectionId;
export const someClientMessageId = (): ClientMessageId => hex(8) as ClientMessageId;

/** The n-th id in time order. */
export const messageId = (n: number): MessageId => String(n).padStart(26, '0') as MessageId;
export const notificationId = (n: number): NotificationId => String(n).padStart(26, '0') as NotificationId;

export function someUser(
  over: Partial<User & { readonly email: Email }> = {},
): User & { readonly email: Email } {
  const id = someUserId();
  return { id, username: 'anna', email: `${id}@example.org` as Email, createdAt: NOW, ...over };
}

export function someRoom(over: Partial<Room> = {}): Room {
  return { id: someRoomId(), name: 'General', createdBy: someUserId(), createdAt: NOW, ...over };
}

export function someMessage(over: Partial<Message> = {}): Message {
  return {
    id: messageId(1),
    roomId: someRoomId(),
    sender: { id: someUserId(), username: 'anna' },
    content: 'hello',
    messageType: 'text',
    createdAt: NOW,
    ...over,
  };
}

export function someMember(over: Partial<LiveMember> = {}): LiveMember {
  return {
    roomId: someRoomId(),
    connectionId: someConnectionId(),
    userId: someUserId(),
    dialect: 'native',
    shard: 0,
    ...over,
  };
}

export function someSession(over: Partial<Session> = {}): Session {
  return {
    sessionId: hex(16) as SessionId,
    userId: someUserId(),
    connectionId: someConnectionId(),
    dialect: 'native',
    connectedAt: NOW,
    rooms: [],
    ...over,
  };
}

export function someNotification(over: Partial<Notification> = {}): Notification {
  return {
    id: notificationId(1),
    userId: someUserId(),
    payload: { title: 'hello' },
    createdAt: NOW,
    ...over,
  };
}

/** `work(0)` … `work(count - 1)`, all at once. */
export function race<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}

/** In a fixed order, for comparing what a store answers in no order. */
export function sorted<T extends string>(values: Iterable<T>): T[] {
  return [...values].toSorted();
}
