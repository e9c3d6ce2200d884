import type { DialectName, JoinedRoom, Millis, Session } from '../../domain/entities.ts';
import type { ConnectionId, RoomId, SessionId, UserId } from '../../domain/ids.ts';
import { idIn, key, type Key } from './keys.ts';
import { toExpiry, type Expiring } from './table.ts';
import type { Row } from './write.ts';

/** USER#u / CONN#c */
export interface SessionRow extends Key, Expiring {
  readonly sessionId: SessionId;
  readonly dialect: DialectName;
  readonly connectedAt: Millis;
  /** String set of `<shard>:<roomId>`; absent while empty, since DynamoDB has no empty sets. */
  readonly rooms?: ReadonlySet<string>;
}

export function sessionRow(session: Session, expiresAt: Millis): Row {
  const { userId, connectionId, sessionId, dialect, connectedAt, rooms } = session;
  return {
    ...key.session(userId, connectionId),
    sessionId,
    dialect,
    connectedAt,
    rooms: rooms.length === 0 ? undefined : new Set(rooms.map(roomEntry)),
    expiresAt: toExpiry(expiresAt),
  };
}

export function sessionOf(row: SessionRow): Session {
  return {
    sessionId: row.sessionId,
    userId: idIn(row.pk) as UserId,
    connectionId: idIn(row.sk) as ConnectionId,
    dialect: row.dialect,
    connectedAt: row.connectedAt,
    rooms: [...(row.rooms ?? [])].map(roomOfEntry),
  };
}

export function roomEntry(room: JoinedRoom): string {
  return `${room.shard}:${room.roomId}`;
}

function roomOfEntry(entry: string): JoinedRoom {
  const colon = entry.indexOf(':');
  return { shard: Number(entry.slice(0, colon)), roomId: entry.slice(colon + 1) as RoomId };
}
