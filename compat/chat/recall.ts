import { missedBy, type MissedEvent as Missed } from '../../lambdas/app/missed.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import { isTokenExpired } from '../../lambdas/domain/token-expiry.ts';
import type { RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { CHAT_DIALECTS, socketRoomOf } from '../../lambdas/manifest/dialects.ts';
import { RECALL } from '../../lambdas/manifest/limits.ts';
import type { SocketId, StoredSocket } from '../../lambdas/ports/socketio.ts';
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

/** Messages, receipts and notifications are kept in their own tables, so what a socket missed of them is looked up there. */
export function recallOf(host: Host, returns: Returns): Recall {
  return {
    async rooms(socket) {
      // The right may be gone: nobody could put out a socket that was not there.
      const allowed = new Set((await host.deps.rooms.roomsOf(userOf(socket))).map(socketRoomOf));
      return socket.rooms.filter((room) => !room.startsWith(CHAT_ROOM) || allowed.has(room));
    },
    async missed({ socket, from, lostAt }) {
      // As a new socket its client is asked for its token again, and may have a new one.
      if (isTokenExpired(personIn(socket).tokenExpiresAt, host.deps.clock.now())) return undefined;
      const roomIds = socket.rooms
        .filter((room) => room.startsWith(CHAT_ROOM))
        .map((room) => room.slice(CHAT_ROOM.length) as RoomId);
      const { events, complete } = await missedBy(host.deps, {
        userId: userOf(socket),
        roomIds,
        after: { at: from, slackMs: 0 },
        // With those it has got already.
        limit: 2 * RECALL.events,
      });
      if (!complete) return undefined;
      // Not before: nobody takes it of a socket that does not come back.
      if (lostAt !== undefined) returns.note(socket.id, lostAt);
      return events.flatMap((event) => wordsFor(host, socket, event));
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
  { event, offset }: Missed,
): readonly MissedEvent[] {
  const pin = CHAT_DIALECTS.find((id) => id === tag);
  return vocabulary.say(event, pin).map((saying) => ({
    offset,
    data: [...saying, offset],
    ...spanOf(event),
  }));
}

function spanOf(event: Missed['event']): Pick<MissedEvent, 'until' | 'subject' | 'turn'> {
  switch (event.kind) {
    case 'message.created': {
      const { id: messageId, roomId, toldUntil: until, turn } = event.message;
      return {
        subject: { kind: 'message', roomId, messageId },
        ...(until === undefined ? {} : { until }),
        ...(turn === undefined ? {} : { turn }),
      };
    }
    case 'message.read':
      return { subject: { kind: 'receipt', roomId: event.roomId, messageId: event.messageId } };
    case 'notification.created': {
      const { toldUntil: until } = event.notification;
      return until === undefined ? {} : { until };
    }
  }
}
