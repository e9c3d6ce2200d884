import type { Millis } from '../domain/entities.ts';
import type { ConnectionId, RoomId } from '../domain/ids.ts';
import { MEMBERSHIP_MEMO } from '../manifest/limits.ts';

/**
 * What this function instance has recently seen proven: that a connection may send to a room. It never decides: it only
 * lets `send` start its write while the proof is read again, one AWS call sooner. Positive answers only.
 */
export interface MembershipMemo {
  has(connectionId: ConnectionId, roomId: RoomId, at: Millis): boolean;
  remember(connectionId: ConnectionId, roomId: RoomId, at: Millis): void;
  forget(connectionId: ConnectionId, roomId: RoomId): void;
}

/** Bounded: the oldest entry makes room for a new one. */
export function createMembershipMemo(
  limits: { seconds: number; entries: number } = MEMBERSHIP_MEMO,
): MembershipMemo {
  const provenAt = new Map<string, Millis>();
  return {
    has(connectionId, roomId, at) {
      const proven = provenAt.get(key(connectionId, roomId));
      return proven !== undefined && at < proven + limits.seconds * 1000;
    },
    remember(connectionId, roomId, at) {
      // A Map iterates in insertion order; taking the entry out first makes it the youngest.
      provenAt.delete(key(connectionId, roomId));
      provenAt.set(key(connectionId, roomId), at);
      if (provenAt.size > limits.entries) provenAt.delete(provenAt.keys().next().value as string);
    },
    forget(connectionId, roomId) {
      provenAt.delete(key(connectionId, roomId));
    },
  };
}

function key(connectionId: ConnectionId, roomId: RoomId): string {
  return `${connectionId}#${roomId}`;
}
