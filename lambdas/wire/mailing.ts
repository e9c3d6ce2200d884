/**
 * Mailings as they travel to the function `fan-out`: lists instead of objects, since ten thousand recipients have to fit into
 * the payload of one asynchronous invocation. Only our own functions write them, but one may be older than this code.
 */
import type { Millis } from '../domain/entities.ts';
import type { ConnectionId, RoomId, UserId } from '../domain/ids.ts';
import type { Mailing, NativeAddress, Repeat, SocketAddress } from '../ports/mail.ts';
import type { EngineId, Place } from '../ports/socketio.ts';

/** Changes with the layout. */
const VERSION = 1;

/** Connection, user, and where it was found: number of the room and shard; or since when it is connected. */
type NativeRow = readonly [ConnectionId, UserId, number, number] | readonly [ConnectionId, UserId, Millis];
/** Number of the place, socket, session, connection, tag, until when it is held: 0 for what there is not, and nothing at the end. */
type SocketRow = readonly [number, string, EngineId, (ConnectionId | 0)?, (string | 0)?, Millis?];

export interface EncodedMailing extends Omit<Mailing, 'natives' | 'sockets' | 'doubtful'> {
  readonly v: typeof VERSION;
  readonly rooms: readonly RoomId[];
  readonly places: readonly Place[];
  readonly natives: readonly NativeRow[];
  readonly sockets: readonly SocketRow[];
  readonly doubtful: readonly SocketRow[];
}

export function encodeMailing(mailing: Mailing): EncodedMailing {
  const { natives, sockets, doubtful, ...head } = mailing;
  const rooms = new Map<string, RoomId>();
  const places = new Map<string, Place>();
  const native = (address: NativeAddress) => nativeRow(address, rooms);
  const socket = (address: SocketAddress) => socketRow(address, places);
  const rows = {
    natives: natives.map(native),
    sockets: sockets.map(socket),
    doubtful: doubtful.map(socket),
  };
  const found = { rooms: [...rooms.values()], places: [...places.values()] };
  return { v: VERSION, ...head, ...found, ...rows };
}

/** What the function `fan-out` gets besides mailings. */
export interface EncodedRepeat {
  readonly v: typeof VERSION;
  readonly repeat: Repeat;
}

export function encodeRepeat(repeat: Repeat): EncodedRepeat {
  return { v: VERSION, repeat };
}

/** Undefined for everything else. */
export function decodeRepeat(event: unknown): Repeat | undefined {
  const encoded = event as EncodedRepeat | null | undefined;
  return encoded?.v === VERSION ? encoded.repeat : undefined;
}

/** Undefined for what is no mailing this code knows. */
export function decodeMailing(event: unknown): Mailing | undefined {
  const encoded = event as EncodedMailing | null | undefined;
  if (encoded?.v !== VERSION || !('natives' in encoded)) return undefined;
  const { v: _version, rooms, places, natives, sockets, doubtful, ...head } = encoded;
  return {
    ...head,
    natives: natives.map((row) => nativeOf(row, rooms)),
    sockets: sockets.map((row) => socketOf(row, places)),
    doubtful: doubtful.map((row) => socketOf(row, places)),
  };
}

function nativeRow(address: NativeAddress, rooms: Map<string, RoomId>): NativeRow {
  const { connectionId, userId } = address;
  if ('connectedAt' in address) return [connectionId, userId, address.connectedAt];
  return [connectionId, userId, numberOf(rooms, address.roomId, address.roomId), address.shard];
}

function nativeOf([connectionId, userId, where, shard]: NativeRow, rooms: readonly RoomId[]): NativeAddress {
  const recipient = { connectionId, userId, dialect: 'native' } as const;
  if (shard === undefined) return { ...recipient, connectedAt: where };
  return { ...recipient, roomId: rooms[where] as RoomId, shard };
}

function socketRow({ place, entry }: SocketAddress, places: Map<string, Place>): SocketRow {
  const { socketId, sid, connectionId = 0, tag = 0, heldUntil = 0 } = entry;
  const number = numberOf(places, JSON.stringify([place.nsp, place.room]), place);
  if (heldUntil !== 0) return [number, socketId, sid, connectionId, tag, heldUntil];
  if (tag !== 0) return [number, socketId, sid, connectionId, tag];
  return connectionId === 0 ? [number, socketId, sid] : [number, socketId, sid, connectionId];
}

function socketOf(row: SocketRow, places: readonly Place[]): SocketAddress {
  const [number, socketId, sid, connectionId = 0, tag = 0, heldUntil = 0] = row;
  const entry = {
    socketId,
    sid,
    ...(connectionId === 0 ? {} : { connectionId }),
    ...(tag === 0 ? {} : { tag }),
    ...(heldUntil === 0 ? {} : { heldUntil }),
  };
  return { place: places[number] as Place, entry };
}

/** Of a value among those that were seen before. */
function numberOf<T>(seen: Map<string, T>, key: string, value: T): number {
  const known = [...seen.keys()].indexOf(key);
  if (known >= 0) return known;
  seen.set(key, value);
  return seen.size - 1;
}
