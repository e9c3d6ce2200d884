/** What a Socket.IO session takes and what it refuses: the same for every implementation of the store. */
import type { Millis } from '../../domain/entities.ts';
import { CausewayError } from '../../domain/errors.ts';
import { utf8Length } from '../../domain/utf8.ts';
import { SOCKETIO_SESSION } from '../../manifest/limits.ts';
import type {
  EnginePacket,
  EngineSession,
  Namespace,
  SessionChanges,
  StoredSocket,
} from '../../ports/socketio.ts';

/** A session's changes by namespace, with rooms listed once. */
export interface NamespaceChange {
  readonly nsp: Namespace;
  readonly connect?: StoredSocket;
  readonly data?: string;
  readonly tag?: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** The socket that was there is gone; with `connect` another one took its place. */
  readonly disconnected: boolean;
}

/**
 * In this order a commit takes effect: `disconnected`, `connect`, `data` and `tag`, `joined`, `left`. So a namespace in both
 * `disconnected` and `connect` gets a new socket, and a room in both `joined` and `left` is left.
 */
export function byNamespace(changes: SessionChanges): readonly NamespaceChange[] {
  const { sockets = {}, joined = [], left = [], disconnected = [] } = changes;
  const names = new Set([
    ...Object.keys(sockets),
    ...[...joined, ...left].map((change) => change.nsp),
    ...disconnected,
  ]);
  return [...names].map((nsp) => {
    const roomsOf = (all: typeof joined) => all.filter((one) => one.nsp === nsp).map(({ room }) => room);
    const gone = new Set(roomsOf(left));
    return {
      nsp,
      ...sockets[nsp],
      joined: [...new Set(roomsOf(joined))].filter((room) => !gone.has(room)),
      left: [...gone],
      disconnected: disconnected.includes(nsp),
    };
  });
}

/** What a socket that connects starts with, the rest of its first commit included. */
export function newSocket(connect: StoredSocket, change: NamespaceChange): StoredSocket {
  const rooms = new Set([...connect.rooms, ...change.joined]);
  for (const room of change.left) rooms.delete(room);
  const tag = change.tag ?? connect.tag;
  const data = change.data ?? connect.data;
  return { ...connect, data, rooms: [...rooms], ...(tag !== undefined && { tag }) };
}

/** Whether a commit would be too large whatever the session holds. */
export function isTooLarge(changes: readonly NamespaceChange[], packets: readonly EnginePacket[]): boolean {
  return outboxBytes(packets) > SOCKETIO_SESSION.outboxBytes || changes.some(isNamespaceTooLarge);
}

function isNamespaceTooLarge(change: NamespaceChange): boolean {
  const socket = change.connect === undefined ? undefined : newSocket(change.connect, change);
  const names = [change.nsp, ...(socket?.rooms ?? change.joined)];
  return (
    names.some((name) => utf8Length(name) > SOCKETIO_SESSION.nameBytes) ||
    utf8Length(socket?.auth ?? '') > SOCKETIO_SESSION.authBytes ||
    utf8Length(socket?.data ?? change.data ?? '') > SOCKETIO_SESSION.dataBytes ||
    (socket?.rooms ?? change.joined).length > SOCKETIO_SESSION.roomsPerSocket
  );
}

/** Whether a namespace that connects has a socket already. */
export function isTaken(session: EngineSession, changes: readonly NamespaceChange[]): boolean {
  return changes.some(
    ({ nsp, connect, disconnected }) =>
      connect !== undefined && !disconnected && session.sockets[nsp] !== undefined,
  );
}

/** Whether a commit that is not too large by itself is too large for what this session holds. */
export function isFull(
  session: EngineSession,
  changes: readonly NamespaceChange[],
  packets: readonly EnginePacket[],
): boolean {
  const namespaces = new Set(Object.keys(session.sockets));
  for (const { nsp, disconnected } of changes) if (disconnected) namespaces.delete(nsp);
  for (const { nsp, connect } of changes) if (connect !== undefined) namespaces.add(nsp);
  const outbox = packets.length === 0 ? 0 : outboxBytes(session.outbox) + outboxBytes(packets);
  return (
    namespaces.size > SOCKETIO_SESSION.namespaces ||
    outbox > SOCKETIO_SESSION.outboxBytes ||
    changes.some((change) => roomsAfter(session, change) > SOCKETIO_SESSION.roomsPerSocket)
  );
}

function roomsAfter(session: EngineSession, { nsp, connect, joined, left }: NamespaceChange): number {
  if (connect !== undefined || joined.length === 0) return 0; // isTooLarge counted a new socket's
  const rooms = new Set([...(session.sockets[nsp]?.rooms ?? []), ...joined]);
  for (const room of left) rooms.delete(room);
  return rooms.size;
}

/** Whether a commit would change anything at all. */
export function isEmpty(changes: readonly NamespaceChange[], packets: readonly EnginePacket[]): boolean {
  return packets.length === 0 && changes.every(isUnchanged);
}

function isUnchanged({ connect, data, tag, joined, left, disconnected }: NamespaceChange): boolean {
  const same = connect === undefined && data === undefined && tag === undefined;
  return same && joined.length + left.length === 0 && !disconnected;
}

/** `setPartial` rejects with `too_large` before it writes. */
export function assertPartialFits(partial: readonly string[]): void {
  const bytes = partial.reduce((sum, text) => sum + utf8Length(text), 0);
  if (bytes > SOCKETIO_SESSION.partialBytes)
    throw new CausewayError('too_large', 'Too many attachments are under way');
}

export function outboxBytes(packets: readonly EnginePacket[]): number {
  return packets.reduce((bytes, packet) => bytes + utf8Length(packet) + SOCKETIO_SESSION.packetBytes, 0);
}

/** Whether a poll other than this one is waiting. */
export function isLeased(session: EngineSession, token: string | undefined, at: Millis): boolean {
  return session.poll !== undefined && session.poll.token !== token && session.poll.until > at;
}
