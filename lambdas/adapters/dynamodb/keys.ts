/**
 * The single table: every key and every access pattern. docs/data-model.md lists the same AP numbers
 * (test/architecture/access-patterns.test.ts). `#` separates the parts of a key; no id may contain it (domain/ids.ts),
 * and names that Socket.IO applications choose are escaped (key-part.ts).
 */
import type {
  ClientMessageId,
  ConnectionId,
  Email,
  MessageId,
  NotificationId,
  RoomId,
  UserId,
} from '../../domain/ids.ts';
import type { EngineId, Namespace, Place, SocketId } from '../../ports/socketio.ts';
import { innerKeyPart, keyPart } from './key-part.ts';

export type Key = { readonly pk: string; readonly sk: string };

/** First parts of sort keys that are queried with `begins_with`, and the fixed sort keys. */
export const SORT = {
  profile: 'PROFILE',
  account: 'ACCOUNT',
  meta: 'META',
  bucket: 'BUCKET',
  session: 'CONN#',
  room: 'ROOM#',
  participant: 'USER#',
  notification: 'NOTE#',
  /** Sorts before every connection id, so a Query of shard 0 sees the header first. */
  shardHeader: '!',
} as const;

export const partition = {
  user: (userId: UserId): string => `USER#${userId}`,
  room: (roomId: RoomId): string => `ROOM#${roomId}`,
  messages: (roomId: RoomId): string => `MESSAGES#${roomId}`,
  live: (roomId: RoomId, shard: number): string => `L#${roomId}#${shard}`,
  /** The sessions of one heartbeat ring, which the first character of a sid names. */
  ring: (ring: string): string => `SIO#${ring}`,
  /** What the sweep looks at in turn: native connections, users who are online. */
  swept: (what: 'native' | 'online', ring: number): string => `SWEEP#${what}#${ring}`,
  sockets: (place: Place, shard: number): string => placeOf('IO', place, shard),
  packets: (place: Place): string => placeOf('IOLOG', place),
  acks: (nsp: Namespace, id: number): string => `IOACK#${innerKeyPart(nsp)}#${id}`,
} as const;

/** The shard stands before the room, so that no room can be taken for a shard, nor a room's part for a namespace's. */
function placeOf(kind: string, { nsp, room }: Place, shard = 0): string {
  const whole = `${kind}#${innerKeyPart(nsp)}#${shard}`;
  return room === undefined ? whole : `${whole}#${keyPart(room)}`;
}

export const key = {
  profile: (userId: UserId): Key => ({ pk: partition.user(userId), sk: SORT.profile }),
  account: (email: Email): Key => ({ pk: `EMAIL#${email}`, sk: SORT.account }),
  session: (userId: UserId, connectionId: ConnectionId): Key => ({
    pk: partition.user(userId),
    sk: SORT.session + connectionId,
  }),
  /** Which rooms a user is in: the index row of a participant. */
  participation: (userId: UserId, roomId: RoomId): Key => ({
    pk: partition.user(userId),
    sk: SORT.room + roomId,
  }),
  notification: (userId: UserId, id: NotificationId): Key => ({
    pk: partition.user(userId),
    sk: SORT.notification + id,
  }),
  room: (roomId: RoomId): Key => ({ pk: partition.room(roomId), sk: SORT.meta }),
  participant: (roomId: RoomId, userId: UserId): Key => ({
    pk: partition.room(roomId),
    sk: SORT.participant + userId,
  }),
  message: (roomId: RoomId, id: MessageId): Key => ({ pk: partition.messages(roomId), sk: id }),
  live: (roomId: RoomId, shard: number, connectionId: ConnectionId): Key => ({
    pk: partition.live(roomId, shard),
    sk: connectionId,
  }),
  claim: (roomId: RoomId, userId: UserId, id: ClientMessageId): Key => ({
    pk: `CLAIM#${roomId}#${userId}`,
    sk: id,
  }),
  throttle: (name: string, windowStartSeconds: number): Key => ({
    pk: `THROTTLE#${name}`,
    sk: String(windowStartSeconds),
  }),
  /** A token bucket. */
  bucket: (name: string): Key => ({ pk: `LIMIT#${keyPart(name)}`, sk: SORT.bucket }),
  bag: (id: string): Key => ({ pk: `MAIL#${id}`, sk: 'BAG' }),
  engineSession: (sid: EngineId): Key => ({ pk: partition.ring(sid.charAt(0)), sk: keyPart(sid) }),
  swept: (what: 'native' | 'online', ring: number, id: ConnectionId | UserId): Key => ({
    pk: partition.swept(what, ring),
    sk: id,
  }),
  /** Under which sid the socket of a recovery id is now. */
  forward: (from: EngineId, pid: string): Key => ({ pk: `IOFWD#${keyPart(from)}`, sk: keyPart(pid) }),
  socket: (place: Place, shard: number, socketId: SocketId): Key => ({
    pk: partition.sockets(place, shard),
    sk: keyPart(socketId),
  }),
  packet: (place: Place, offset: string): Key => ({ pk: partition.packets(place), sk: keyPart(offset) }),
  ack: (nsp: Namespace, id: number, socketId: SocketId): Key => ({
    pk: partition.acks(nsp, id),
    sk: keyPart(socketId),
  }),
} as const;

/** The part of a key after its first `#`: the id. */
export function idIn(keyPart: string): string {
  return keyPart.slice(keyPart.indexOf('#') + 1);
}

/**
 * Every request the adapters send: who sends it, the operation and the key it goes to. One number is one shape of
 * request; conditions, units and consistency stand in docs/data-model.md.
 */
export const ACCESS_PATTERNS = {
  'AP-01': ['users.register', 'PutItem', 'USER#u / PROFILE'],
  'AP-02': ['users.register', 'PutItem', 'EMAIL#e / ACCOUNT'],
  'AP-03': ['users.register', 'DeleteItem', 'USER#u / PROFILE'],
  'AP-04': ['users.account', 'GetItem', 'EMAIL#e / ACCOUNT'],
  'AP-05': ['users.get', 'GetItem', 'USER#u / PROFILE'],
  'AP-06': ['users.getMany', 'BatchGetItem', 'USER#u / PROFILE'],
  'AP-07': ['rooms.create', 'PutItem', 'ROOM#r / META'],
  'AP-08': ['rooms.create, rooms.addParticipants', 'UpdateItem', 'ROOM#r / USER#u'],
  'AP-09': ['rooms.create, rooms.addParticipants', 'PutItem', 'USER#u / ROOM#r'],
  'AP-10': ['rooms.get', 'GetItem', 'ROOM#r / META'],
  'AP-11': ['rooms.getMany', 'BatchGetItem', 'ROOM#r / META'],
  'AP-12': ['rooms.participant', 'GetItem', 'ROOM#r / USER#u'],
  'AP-13': ['rooms.participants', 'Query', 'ROOM#r / USER#…'],
  'AP-14': ['rooms.roomsOf', 'Query', 'USER#u / ROOM#…'],
  'AP-15': ['rooms.removeParticipant', 'DeleteItem', 'ROOM#r / USER#u'],
  'AP-16': ['rooms.removeParticipant', 'DeleteItem', 'USER#u / ROOM#r'],
  'AP-17': ['rooms.advanceReceipt', 'UpdateItem', 'ROOM#r / USER#u'],
  'AP-18': ['rooms.advanceReceipt', 'GetItem', 'ROOM#r / USER#u'],
  'AP-19': ['messages.append', 'PutItem', 'MESSAGES#r / m'],
  'AP-20': ['messages.remove', 'DeleteItem', 'MESSAGES#r / m'],
  'AP-21': ['messages.get', 'GetItem', 'MESSAGES#r / m'],
  'AP-22': ['messages.history', 'Query', 'MESSAGES#r / < m'],
  'AP-23': ['messages.countAfter', 'Query', 'MESSAGES#r / > m'],
  'AP-24': ['messages.claim', 'PutItem', 'CLAIM#r#u / c'],
  'AP-25': ['messages.claim, messages.claimed', 'GetItem', 'CLAIM#r#u / c'],
  'AP-26': ['members.shards', 'GetItem', 'L#r#0 / !'],
  'AP-27': ['members.add', 'PutItem', 'L#r#s / c'],
  'AP-28': ['members.remove', 'DeleteItem', 'L#r#s / c'],
  'AP-29': ['members.list, members.few', 'Query', 'L#r#s / …'],
  'AP-30': ['members.grow', 'UpdateItem', 'L#r#0 / !'],
  'AP-31': ['sessions.open', 'PutItem', 'USER#u / CONN#c'],
  'AP-32': ['sessions.admit', 'UpdateItem', 'USER#u / PROFILE'],
  'AP-33': ['sessions.addRoom', 'UpdateItem', 'USER#u / CONN#c'],
  'AP-34': ['sessions.addRoom', 'GetItem', 'USER#u / CONN#c'],
  'AP-35': ['sessions.removeRoom', 'UpdateItem', 'USER#u / CONN#c'],
  'AP-36': ['sessions.get', 'GetItem', 'USER#u / CONN#c'],
  'AP-37': ['sessions.close', 'DeleteItem', 'USER#u / CONN#c'],
  'AP-38': ['sessions.ofUser', 'Query', 'USER#u / CONN#…'],
  'AP-39': ['notifications.add', 'PutItem', 'USER#u / NOTE#n'],
  'AP-40': ['notifications.list', 'Query', 'USER#u / NOTE#…'],
  'AP-41': ['notifications.markRead', 'UpdateItem', 'USER#u / NOTE#n'],
  'AP-42': ['throttle.hit', 'UpdateItem', 'THROTTLE#k / w'],
  'AP-43': ['engine.open', 'PutItem', 'SIO#h / s'],
  'AP-44': ['engine.get', 'GetItem', 'SIO#h / s'],
  'AP-45': ['engine.probe', 'UpdateItem', 'SIO#h / s'],
  'AP-46': ['engine.upgrade', 'UpdateItem', 'SIO#h / s'],
  'AP-47': ['engine.pong', 'UpdateItem', 'SIO#h / s'],
  'AP-48': ['engine.lease', 'UpdateItem', 'SIO#h / s'],
  'AP-49': ['engine.drain', 'UpdateItem', 'SIO#h / s'],
  'AP-50': ['engine.commit, engine.enqueue', 'UpdateItem', 'SIO#h / s'],
  'AP-51': ['engine.setPartial', 'UpdateItem', 'SIO#h / s'],
  'AP-52': ['engine.close', 'UpdateItem', 'SIO#h / s'],
  'AP-53': ['engine.claim', 'UpdateItem', 'SIO#h / s'],
  'AP-54': ['engine.probe, engine.lease, engine.commit, engine.enqueue', 'GetItem', 'SIO#h / s'],
  'AP-55': ['engine.forward', 'PutItem', 'IOFWD#s / p'],
  'AP-56': ['engine.forwarded', 'GetItem', 'IOFWD#s / p'],
  'AP-57': ['engine.ring', 'Query', 'SIO#h / …'],
  'AP-58': ['sockets.add', 'PutItem', 'IO#n#s#r / i'],
  'AP-59': ['sockets.remove, sockets.add', 'DeleteItem', 'IO#n#s#r / i'],
  'AP-60': ['sockets.add, sockets.remove, sockets.tag, sockets.find', 'GetItem', 'IO#n#0#r / !'],
  'AP-61': ['sockets.list, sockets.few', 'Query', 'IO#n#s#r / …'],
  'AP-62': ['sockets.list', 'UpdateItem', 'IO#n#0#r / !'],
  'AP-63': ['sockets.find', 'GetItem', 'IO#n#s / i'],
  'AP-64': ['packets.append', 'PutItem', 'IOLOG#n#0#r / o'],
  'AP-65': ['packets.since', 'Query', 'IOLOG#n#0#r / > o'],
  'AP-66': ['acks.answer', 'PutItem', 'IOACK#n#a / i'],
  'AP-67': ['acks.answers', 'Query', 'IOACK#n#a / …'],
  'AP-68': ['engine.ring', 'DeleteItem', 'SIO#h / s'],
  'AP-69': ['sockets.tag', 'UpdateItem', 'IO#n#s#r / i'],
  'AP-70': ['presence.get', 'GetItem', 'USER#u / PROFILE'],
  'AP-71': ['presence.turn', 'UpdateItem', 'USER#u / PROFILE'],
  'AP-72': ['sessions.watch, presence.turn', 'PutItem', 'SWEEP#k#g / i'],
  'AP-73': ['sessions.unwatch, presence.turn, presence.strike', 'DeleteItem', 'SWEEP#k#g / i'],
  'AP-74': ['sessions.watched, presence.online', 'Query', 'SWEEP#k#g / …'],
  'AP-75': ['messages.late', 'UpdateItem', 'MESSAGES#r / m'],
  'AP-76': ['engine.hold', 'UpdateItem', 'SIO#h / s'],
  'AP-77': ['engine.defer', 'UpdateItem', 'SIO#h / s'],
  'AP-78': ['engine.release', 'UpdateItem', 'SIO#h / s'],
  'AP-79': ['mail.take', 'UpdateItem', 'MAIL#b / BAG'],
  'AP-80': ['mail.take', 'GetItem', 'MAIL#b / BAG'],
  'AP-81': ['mail.note, mail.finish', 'UpdateItem', 'MAIL#b / BAG'],
  'AP-82': ['engine.disown', 'UpdateItem', 'SIO#h / s'],
  'AP-83': ['buckets.spend', 'UpdateItem', 'LIMIT#b / BUCKET'],
  'AP-84': ['buckets.spend', 'UpdateItem', 'LIMIT#b / BUCKET'],
  'AP-85': ['messages.since', 'Query', 'MESSAGES#r / ≥ t'],
  'AP-86': ['notifications.since', 'Query', 'USER#u / NOTE#…'],
  'AP-87': ['messages.told', 'UpdateItem', 'CLAIM#r#u / c'],
  'AP-88': ['notifications.late, notifications.told', 'UpdateItem', 'USER#u / NOTE#n'],
  'AP-89': ['notifications.get', 'GetItem', 'USER#u / NOTE#n'],
} as const;
