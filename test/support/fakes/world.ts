/** A whole deployment in memory: every port of the use cases, and people and rooms to put into it. */
import type { Deps } from '../../../lambdas/app/deps.ts';
import { createMembershipMemo } from '../../../lambdas/app/membership-memo.ts';
import { UNLIMITED } from '../../../lambdas/app/rate-limit.ts';
import { createMemoryStores } from '../../../lambdas/adapters/memory/memory-stores.ts';
import type { SendCommand } from '../../../lambdas/domain/commands.ts';
import type {
  Actor,
  Arrival,
  Identity,
  LiveMember,
  Message,
  Session,
} from '../../../lambdas/domain/entities.ts';
import type { ConnectionId, MessageId, RoomId, SessionId, UserId } from '../../../lambdas/domain/ids.ts';
import { messageId } from '../../../lambdas/domain/message-id.ts';
import { PRESENCE, THROTTLE } from '../../../lambdas/manifest/limits.ts';
import type { PresenceStore } from '../../../lambdas/ports/presence.ts';
import { NO_AUDIENCE } from './fake-audience.ts';
import { createFakeDialects } from './fake-dialects.ts';
import { createFakeGateway, type FakeGateway } from './fake-gateway.ts';
import { createFakeLater, type FakeLater } from './fake-later.ts';
import { createFixedClock, createRecordingLog, createSeededIds, type RecordingLog } from './fake-runtime.ts';
import { createFakeHasher, createFakeIssuer, type FakeHasher } from './fake-security.ts';

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
export const HOUR = 3_600_000;

export type World = Deps & {
  readonly presence: PresenceStore;
  readonly later: FakeLater;
  readonly roomLimit: number;
  readonly gateway: FakeGateway;
  readonly log: RecordingLog;
  readonly hasher: FakeHasher;
};

export function createWorld(over: Partial<World> = {}): World {
  return {
    ...createMemoryStores(createFixedClock(NOW)),
    gateway: createFakeGateway(),
    later: createFakeLater(),
    roomLimit: PRESENCE.roomLimit.default,
    audience: NO_AUDIENCE,
    dialects: createFakeDialects(),
    ids: createSeededIds(),
    log: createRecordingLog(),
    hasher: createFakeHasher(),
    issuer: createFakeIssuer(),
    memo: createMembershipMemo(),
    limits: THROTTLE,
    rates: UNLIMITED,
    ...over,
  };
}

export const userId = (name: string): UserId => `user-${name}` as UserId;
export const connectionId = (name: string): ConnectionId => `conn-${name}=` as ConnectionId;
export const ROOM = 'room-1' as RoomId;
export const OTHER_ROOM = 'room-2' as RoomId;

/** `anna` is user-anna on conn-anna=; `anna/2` is the same user on conn-anna/2=. */
export function actor(name: string, over: Partial<Actor> = {}): Actor {
  const user = name.split('/')[0] ?? name;
  return {
    id: userId(user),
    username: user,
    connectionId: connectionId(name),
    dialect: 'native',
    tokenExpiresAt: NOW + HOUR,
    ...over,
  };
}

export function identity(name: string, over: Partial<Identity> = {}): Identity {
  return { userId: userId(name), username: name, expiresAt: NOW + HOUR, builtIn: true, ...over };
}

export function session(name: string, over: Partial<Session> = {}): Session {
  const { id, connectionId, dialect } = actor(name);
  const sessionId = `session-${name}` as SessionId;
  return { sessionId, userId: id, connectionId, dialect, connectedAt: NOW - HOUR, rooms: [], ...over };
}

export function live(name: string, over: Partial<LiveMember> = {}): LiveMember {
  const { id, connectionId, dialect } = actor(name);
  return { connectionId, userId: id, dialect, roomId: ROOM, shard: 0, ...over };
}

let requests = 0;
export function arrival(over: Partial<Arrival> = {}): Arrival {
  requests += 1;
  return { at: NOW, requestId: `request-${requests}`, ...over };
}

export function send(over: Partial<SendCommand> = {}): SendCommand {
  return { kind: 'message.send', roomId: ROOM, content: 'hello', messageType: 'text', ...over };
}

/** The id of the message that arrived `minutes` after NOW. */
export function idAt(minutes: number, roomId: RoomId = ROOM): MessageId {
  return messageId({ at: NOW + minutes * 60_000, requestId: 'r' }, roomId);
}

export function message(over: Partial<Message> = {}): Message {
  return {
    id: idAt(0),
    roomId: ROOM,
    sender: { id: userId('anna'), username: 'anna' },
    content: 'hello',
    messageType: 'text',
    createdAt: NOW,
    ...over,
  };
}

export async function withRoom(
  world: Pick<Deps, 'rooms'>,
  names: readonly string[],
  roomId = ROOM,
): Promise<void> {
  const users = [...new Set(names.map((name) => actor(name).id))];
  await world.rooms.create({ id: roomId, createdBy: users[0] ?? userId('anna'), createdAt: NOW }, users);
}

/** A room in which these connections are participants, connected and live. */
export async function withLiveRoom(world: Deps, names: readonly string[], roomId = ROOM): Promise<void> {
  await withRoom(world, names, roomId);
  for (const name of names) {
    const key = actor(name);
    const known = await world.sessions.get({ userId: key.id, connectionId: key.connectionId });
    if (known === undefined) await world.sessions.open(session(name), NOW + HOUR);
    await world.members.add(live(name, { roomId }), NOW + HOUR);
    await world.sessions.addRoom({ userId: key.id, connectionId: key.connectionId }, { roomId, shard: 0 });
  }
}

export async function storedIn(world: Pick<Deps, 'messages'>, roomId = ROOM): Promise<readonly Message[]> {
  return (await world.messages.history(roomId, { limit: 1000 })).messages;
}

export async function liveIn(world: Pick<Deps, 'members'>, roomId = ROOM): Promise<readonly ConnectionId[]> {
  return (await world.members.list(roomId, NOW)).members.map((member) => member.connectionId).toSorted();
}
