import type { DomainEvent } from '../../../lambdas/domain/events.ts';
import type { RoomId, UserId } from '../../../lambdas/domain/ids.ts';
import type { Audience, Gathering } from '../../../lambdas/ports/audience.ts';
import type { SocketAddress } from '../../../lambdas/ports/mail.ts';
import type { EngineId } from '../../../lambdas/ports/socketio.ts';

/** A socket of the fake: its public id, whose it is, and the rooms it is in. */
export interface FakeSocket {
  readonly id: string;
  readonly userId: UserId;
  rooms: readonly RoomId[];
}

export interface FakeAudience extends Audience {
  /** Who was told what, in the order of the calls. */
  readonly heard: { readonly socket: string; readonly event: DomainEvent }[];
  readonly dropped: string[];
}

/** Sockets that live in the rooms they are said to be in. */
export function createFakeAudience(sockets: readonly FakeSocket[] = []): FakeAudience {
  const heard: FakeAudience['heard'] = [];
  const dropped: string[] = [];
  const gatherings = new WeakMap<Gathering, readonly FakeSocket[]>();

  function gather(found: readonly FakeSocket[]): Gathering {
    const unique = [...new Set(found)];
    const gathering: Gathering = {
      size: unique.length,
      async say(event, except) {
        const told = unique.filter(({ id }) => id !== except);
        heard.push(...told.map(({ id }) => ({ socket: id, event })));
        return { sent: told.length, gone: 0, failed: 0, unspoken: 0 };
      },
      hearers: (_event, except) => unique.filter(({ id }) => id !== except).map(addressOf),
      and: (other) => gather([...unique, ...(gatherings.get(other) ?? [])]),
      without: (other) => gather(unique.filter((socket) => !(gatherings.get(other) ?? []).includes(socket))),
    };
    gatherings.set(gathering, unique);
    return gathering;
  }

  const inRoom = (roomId: RoomId) => sockets.filter(({ rooms }) => rooms.includes(roomId));
  return {
    heard,
    dropped,
    inRoom: async (roomId) => gather(inRoom(roomId)),
    fewInRoom: async (roomId, _at, most) => gather(inRoom(roomId).slice(0, most + 1)),
    openSession: async (userId) =>
      sockets.some((socket) => socket.userId === userId) ? (`sid of ${userId}` as EngineId) : undefined,
    ofUser: async (userId) => gather(sockets.filter((socket) => socket.userId === userId)),
    async drop(addresses) {
      dropped.push(...addresses.map(({ entry }) => entry.socketId));
    },
    async evict(roomId, userId) {
      const evicted = inRoom(roomId).filter((socket) => socket.userId === userId);
      for (const socket of evicted) socket.rooms = socket.rooms.filter((room) => room !== roomId);
      return gather(evicted);
    },
  };
}

function addressOf({ id }: FakeSocket): SocketAddress {
  return { place: { nsp: '/' }, entry: { socketId: id, sid: id as EngineId } };
}

/** Nobody uses Socket.IO. */
export const NO_AUDIENCE: Audience = createFakeAudience();

/** Nobody gathered. */
export const NOBODY: Gathering = await NO_AUDIENCE.inRoom('room-1' as RoomId, 0);
