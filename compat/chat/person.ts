import type { Socket } from 'socket.io';

import type { Identity, Millis, Sender } from '../../lambdas/domain/entities.ts';
import type { ConnectionId, RoomId } from '../../lambdas/domain/ids.ts';
import { senderOf } from '../../lambdas/domain/identity.ts';
import { plainSender } from '../../lambdas/domain/sender.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';
import { socketRoomOf } from '../../lambdas/manifest/dialects.ts';

/** `socket.data` of a chat socket: who it is, as its token said, and what it is doing. Stored with the session. */
export interface Person extends Omit<Sender, 'id'> {
  /** The documents promise `socket.data.userId`. */
  userId: Sender['id'];
  role?: string;
  tokenExpiresAt: Millis;
  /** When it last did something, within a tenth of the idle timeout; absent: there is none. */
  activeAt?: Millis;
  /** The room it sent to or joined last: where `typing` without a room goes. */
  currentRoom?: RoomId;
  /** Rooms in which it is typing, and since when. */
  typing?: Readonly<Record<RoomId, Millis>>;
}

export function personOf({ data }: Pick<Socket, 'data'>): Person {
  return data as Person;
}

/** What a token says of its bearer; replaces what an earlier one said. */
export function identify(socket: Socket, identity: Identity): void {
  const { id: userId, ...known } = senderOf(identity);
  const { role, expiresAt: tokenExpiresAt } = identity;
  const { activeAt, currentRoom, typing } = (socket.data ?? {}) as Partial<Person>;
  const person: Person = {
    userId,
    ...known,
    tokenExpiresAt,
    ...(role === undefined ? {} : { role }),
    ...(activeAt === undefined ? {} : { activeAt }),
    ...(currentRoom === undefined ? {} : { currentRoom }),
    ...(typing === undefined ? {} : { typing }),
  };
  socket.data = person;
}

/** The socket as the use cases know whoever does something. */
export function authorOf(socket: Socket): Sender & { readonly connectionId: ConnectionId } {
  const person = personOf(socket);
  return { ...plainSender({ ...person, id: person.userId }), connectionId: socket.id as ConnectionId };
}

/** Of the session that is being served. */
export function sidOf({ conn }: Socket): EngineId {
  // Engine.IO's socket has it; its type hides it, as the secret that it is.
  return (conn as unknown as { readonly id: EngineId }).id;
}

/** That it is in the room proves the right: only participants get in, and whoever loses the right is put out. */
export function isIn(socket: Socket, roomId: RoomId): boolean {
  return socket.rooms.has(socketRoomOf(roomId));
}
