import type { Millis } from '../../../domain/entities.ts';
import type { ConnectionId } from '../../../domain/ids.ts';
import type {
  Closed,
  EngineId,
  EnginePacket,
  EngineSession,
  Namespace,
  StoredHandshake,
  StoredSocket,
} from '../../../ports/socketio.ts';
import { key, type Key } from '../keys.ts';
import { toExpiry, type Expiring } from '../table.ts';
import type { Row } from '../write.ts';
import { outboxBytes } from '../../socketio/session-rules.ts';
import { packText, unpackText, type PackedText } from './packed-text.ts';

/** SIO#h / s: below 1 KB for a usual client, so that what happens all the time costs one write unit. */
export interface SessionRow extends Key, Expiring {
  /** Handshake, JSON. */
  readonly h: PackedText;
  /** Opened, epoch milliseconds as all instants here. */
  readonly a: Millis;
  /** Seen. */
  readonly n: Millis;
  /** Pinged by a poll. */
  readonly g?: Millis;
  /** Binary as text; absent: no. */
  readonly b?: true;
  /** Connection; what makes it a websocket session. */
  readonly c?: ConnectionId;
  /** Probing connection, since. */
  readonly q?: { readonly c: ConnectionId; readonly a: Millis };
  /** Sockets: one map, whose size DynamoDB can compare. */
  readonly s: Readonly<Record<Namespace, SocketRecord>>;
  /** Joined a namespace once; absent: never. */
  readonly j?: true;
  /** Outbox of a polling session. */
  readonly o?: readonly EnginePacket[];
  /** Bytes in the outbox. */
  readonly z?: number;
  /** Partial packets, a JSON array of texts, which can be compared whole; absent while empty. */
  readonly p?: string;
  /** Lease of a poll: token, until. */
  readonly l?: { readonly k: string; readonly u: Millis };
  /** Holds, by their instant, and what was deferred for each. */
  readonly [hold: `e${number}`]: true;
  readonly [deferred: `k${number}`]: readonly EnginePacket[];
  /** Events that had been told when a hold ended (domain/told-event.ts). */
  readonly [told: `t${number}`]: readonly string[];
  /** Closed: reason, at; kept in the index. */
  readonly x?: { readonly r: string; readonly a: Millis; readonly k?: true };
  /** Names the call that wrote last (commit, setPartial, close), for the SDK's repetitions of it. */
  readonly w?: string;
}

export interface SocketRecord {
  readonly i: string;
  readonly p?: string;
  /** Request id of the frame that brought CONNECT. */
  readonly f?: string;
  /** `auth` and `data`; absent: `{}`. */
  readonly a?: PackedText;
  readonly d?: string;
  /** Tag. */
  readonly t?: string;
  /** Seen. */
  readonly y?: readonly string[];
  /** Rooms as names of attributes, each after a colon: joining one and leaving another are one write. */
  readonly r: Readonly<Record<string, true>>;
}

const EMPTY = '{}';

export function sessionRow(session: EngineSession, expiresAt: Millis): Row {
  const { sid, connectionId, probing, handshake, sockets, outbox, partial, poll, closed } = session;
  const polling = connectionId === undefined;
  return {
    ...key.engineSession(sid),
    h: packText(JSON.stringify(handshake)),
    a: session.openedAt,
    n: session.seenAt,
    g: session.pingedAt,
    b: session.base64 || undefined,
    c: connectionId,
    q: probing && { c: probing.connectionId, a: probing.at },
    s: Object.fromEntries(Object.entries(sockets).map(([nsp, socket]) => [nsp, socketRecord(socket)])),
    j: session.joined,
    o: polling ? outbox : undefined,
    z: outbox.length === 0 ? undefined : outboxBytes(outbox),
    p: partial.length === 0 ? undefined : JSON.stringify(partial),
    l: poll && { k: poll.token, u: poll.until },
    ...(session.heldUntil !== undefined && { [`e${session.heldUntil}`]: true }),
    x: closed && closedRecord(closed),
    expiresAt: toExpiry(expiresAt),
  };
}

export function sessionOf(row: SessionRow): EngineSession {
  return {
    sid: row.sk as EngineId,
    transport: row.c === undefined ? 'polling' : 'websocket',
    ...(row.c && { connectionId: row.c }),
    ...(row.q && { probing: { connectionId: row.q.c, at: row.q.a } }),
    handshake: JSON.parse(unpackText(row.h)) as StoredHandshake,
    openedAt: row.a,
    seenAt: row.n,
    ...(row.g !== undefined && { pingedAt: row.g }),
    base64: row.b === true,
    sockets: Object.fromEntries(Object.entries(row.s).map(([nsp, record]) => [nsp, socketOf(record)])),
    ...(row.j && { joined: row.j }),
    outbox: row.o ?? [],
    partial: row.p === undefined ? [] : (JSON.parse(row.p) as string[]),
    ...(row.l && { poll: { token: row.l.k, until: row.l.u } }),
    ...heldUntil(row),
    ...(row.x && { closed: { reason: row.x.r, at: row.x.a, ...(row.x.k && { returning: row.x.k }) } }),
  };
}

const HELD = /^e\d+$/;

function heldUntil(row: SessionRow): Pick<EngineSession, 'heldUntil'> {
  const holds = Object.keys(row).filter((attribute) => HELD.test(attribute));
  return holds.length === 0 ? {} : { heldUntil: Math.max(...holds.map((hold) => Number(hold.slice(1)))) };
}

export function closedRecord({ reason, at, returning }: Closed): NonNullable<SessionRow['x']> {
  return { r: reason, a: at, ...(returning && { k: returning }) };
}

export function socketRecord(socket: StoredSocket): SocketRecord {
  const { id, pid, frame, auth, data, rooms, tag, seen } = socket;
  return {
    i: id,
    ...(pid !== undefined && { p: pid }),
    ...(frame !== undefined && { f: frame }),
    ...(auth !== EMPTY && { a: packText(auth) }),
    ...(data !== EMPTY && { d: data }),
    ...(tag !== undefined && { t: tag }),
    ...(seen !== undefined && { y: seen }),
    r: Object.fromEntries(rooms.map((room) => [roomAttribute(room), true])),
  };
}

export function socketOf({ i, p, f, a = EMPTY, d = EMPTY, r, t, y }: SocketRecord): StoredSocket {
  return {
    id: i,
    ...(p !== undefined && { pid: p }),
    ...(f !== undefined && { frame: f }),
    auth: unpackText(a),
    data: d,
    rooms: Object.keys(r).map((attribute) => attribute.slice(1)),
    ...(t !== undefined && { tag: t }),
    ...(y !== undefined && { seen: y }),
  };
}

/** A room's name may be empty, an attribute's may not. */
export function roomAttribute(room: string): string {
  return `:${Buffer.from(room).toString()}`;
}
