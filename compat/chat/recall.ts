import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import { isTokenExpired } from '../../lambdas/domain/token-expiry.ts';
import type { MessageId, NotificationId, RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { CHAT_DIALECTS, socketRoomOf } from '../../lambdas/manifest/dialects.ts';
import { RECALL, ROOM_LIST } from '../../lambdas/manifest/limits.ts';
import type { SocketId, StoredSocket } from '../../lambdas/ports/socketio.ts';
import { offsetOf } from '../audience/index.ts';
import type { Occurrence } from '../dialects/define-dialect.ts';
import type { MissedEvent, Recall } from '../server/world.ts';
import type { Host } from './deps.ts';
import type { Person } from './person.ts';

/** When the sockets that are being brought back were lost. */
export interface Returns {
  note(socketId: SocketId, lostAt: Millis): void;
  take(socketId: SocketId): Millis | undefined;
}

export function createReturns(): Returns {
  const lost = new Map<SocketId, Millis>();
  return {
    note: (socketId, lostAt) => void lost.set(socketId, lostAt),
    take(socketId) {
      const lostAt = lost.get(socketId);
      lost.delete(socketId);
      return lostAt;
    },
  };
}

/** Messages and notifications are kept in their own tables, so what a socket missed of them is looked up there. */
export function recallOf(host: Host, returns: Returns): Recall {
  return {
    async rooms(socket) {
      // The right may be gone: nobody could put out a socket that was not there.
      const allowed = new Set((await host.deps.rooms.roomsOf(userOf(socket))).map(socketRoomOf));
      return socket.rooms.filter((room) => !room.startsWith(CHAT_ROOM) || allowed.has(room));
    },
    async missed({ socket, offset, lostAt }) {
      // As a new socket its client is asked for its token again, and may have a new one.
      if (isTokenExpired(personIn(socket).tokenExpiresAt, host.deps.clock.now())) return undefined;
      const roomIds = socket.rooms
        .filter((room) => room.startsWith(CHAT_ROOM))
        .map((room) => room.slice(1) as RoomId);
      const [notifications, messages] = await Promise.all([
        missedNotifications(host, userOf(socket), offset),
        mapBounded(roomIds, ROOM_LIST.concurrency, (roomId) => missedMessages(host, roomId, offset)),
      ]);
      const missed = [notifications, ...messages];
      if (missed.some((found) => found === undefined)) return undefined;
      const occurrences = missed.flatMap((found) => found ?? []);
      if (occurrences.length > RECALL.events) return undefined;
      // Not before: nobody takes it of a socket that does not come back.
      if (lostAt !== undefined) returns.note(socket.id, lostAt);
      return occurrences.flatMap((occurrence) => wordsFor(host, socket, occurrence));
    },
  };
}

const CHAT_ROOM = socketRoomOf('');

function personIn({ data }: StoredSocket): Person {
  return JSON.parse(data) as Person;
}

function userOf(socket: StoredSocket): UserId {
  return personIn(socket).userId;
}

function wordsFor(
  { vocabulary }: Host,
  { tag }: StoredSocket,
  occurrence: Occurrence,
): readonly MissedEvent[] {
  const offset = offsetOf(occurrence) ?? '';
  const pin = CHAT_DIALECTS.find((id) => id === tag);
  return vocabulary.say(occurrence, pin).map((saying) => ({ offset, data: [...saying, offset] }));
}

function missedMessages(
  { deps }: Host,
  roomId: RoomId,
  offset: string,
): Promise<readonly Occurrence[] | undefined> {
  return newer<MessageId>(offset, async (page) => {
    const { messages, nextCursor } = await deps.messages.history(roomId, page);
    return { found: messages.map((message) => ({ kind: 'message.created', message })), nextCursor };
  });
}

function missedNotifications(
  { deps }: Host,
  userId: UserId,
  offset: string,
): Promise<readonly Occurrence[] | undefined> {
  return newer<NotificationId>(offset, async (page) => {
    const { notifications, nextCursor } = await deps.notifications.list(userId, {
      ...page,
      unreadOnly: false,
    });
    return {
      found: notifications.map((notification) => ({ kind: 'notification.created', notification })),
      nextCursor,
    };
  });
}

interface Page<Id> {
  readonly found: readonly Occurrence[];
  readonly nextCursor: Id | undefined;
}

/** Newest first, page by page until the offset; undefined when that is too far back. Most have missed nothing or little. */
async function newer<Id>(
  offset: string,
  load: (page: { readonly limit: number; readonly before?: Id }) => Promise<Page<Id>>,
): Promise<readonly Occurrence[] | undefined> {
  const missed: Occurrence[] = [];
  let before: Id | undefined;
  while (missed.length <= RECALL.events) {
    const limit = before === undefined ? RECALL.firstPage : RECALL.page;
    const { found, nextCursor } = await load({ limit, ...(before === undefined ? {} : { before }) });
    const fresh = found.filter((occurrence) => (offsetOf(occurrence) ?? '') > offset);
    missed.push(...fresh);
    if (fresh.length < found.length || nextCursor === undefined) return missed;
    before = nextCursor;
  }
  return undefined;
}
