import type { ConnectionId } from '../../../domain/ids.ts';
import type { EngineId, Place, SocketEntry } from '../../../ports/socketio.ts';
import { key, type Key } from '../keys.ts';
import { toExpiry, type Expiring } from '../table.ts';
import type { Condition, Row } from '../write.ts';

/** IO#n#s#r / i: at most 100 bytes with a room name of 24 characters, so that 40 fit into one 4 KB read unit. */
export interface SocketRow extends Key, Expiring {
  /** sid */
  readonly s: Compact;
  /** Connection; absent for a session that polls. */
  readonly c?: Compact;
  /** Tag. */
  readonly t?: string;
  /** Held until; of sockets that came back only. */
  readonly h?: number;
}

/** What a base64 text stands for, three quarters of its length; text that is not canonical base64 stays as it is. */
type Compact = Uint8Array | string;

export function socketRow(
  place: Place,
  shard: number,
  { entry, expiresAt }: { readonly entry: SocketEntry; readonly expiresAt: number },
): Row {
  return {
    ...key.socket(place, shard, entry.socketId),
    s: compact(entry.sid, 'base64url'),
    c: entry.connectionId && compact(entry.connectionId, 'base64'),
    t: entry.tag,
    h: entry.heldUntil,
    expiresAt: toExpiry(expiresAt),
  };
}

/** What the row of a socket of this session has, and no other row under its key. */
export function ofSession(sid: EngineId): Condition {
  return { expression: 's = :s', values: { ':s': compact(sid, 'base64url') } };
}

export function entryOf(row: SocketRow): SocketEntry {
  return {
    socketId: row.sk,
    sid: full(row.s, 'base64url') as EngineId,
    ...(row.c !== undefined && { connectionId: full(row.c, 'base64') as ConnectionId }),
    ...(row.t !== undefined && { tag: row.t }),
    ...(row.h !== undefined && { heldUntil: row.h }),
  };
}

function compact(text: string, encoding: 'base64' | 'base64url'): Compact {
  const bytes = Buffer.from(text, encoding);
  return bytes.toString(encoding) === text ? bytes : text;
}

function full(compacted: Compact, encoding: 'base64' | 'base64url'): string {
  return typeof compacted === 'string' ? compacted : Buffer.from(compacted).toString(encoding);
}
