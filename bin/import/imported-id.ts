import { hash53 } from '../../lambdas/domain/hash.ts';
import type { MessageId, RoomId } from '../../lambdas/domain/ids.ts';
import { parseMessageId } from '../../lambdas/domain/ids.ts';
import { belongsTo, messageIdOf, timeOf } from '../../lambdas/domain/message-id.ts';
import type { Instant } from './fields.ts';

/** What identifies a message of the old system. */
export interface Origin {
  readonly id: string;
  readonly createdAt: Instant;
}

const TIE_SPAN = 2 ** 24;
const REST_BITS = 14;

/**
 * The id a message has here, made of nothing but its original id, instant and room: importing it again finds the same row.
 * Ids are sort keys, cursors and receipts, so they begin with the time and end with the tag of the room, and an original
 * one cannot stay, unless it is such an id already (an export of another Causeway).
 *
 * In place of the 48 bits of a request's hash: 10 bits of microseconds, 24 bits of what the original id says about the
 * order, 14 bits of its hash. Databases that keep whole seconds would otherwise have their conversations shuffled.
 */
export function importedId({ id, createdAt }: Origin, roomId: RoomId): MessageId {
  const own = parseMessageId(id);
  if (own !== undefined && belongsTo(own, roomId) && timeOf(own) === createdAt.ms) return own;
  const rest = hash53(id).high21 & (2 ** REST_BITS - 1);
  const unique = (createdAt.micros * TIE_SPAN + tieOf(id)) * 2 ** REST_BITS + rest;
  return messageIdOf({ at: createdAt.ms, unique }, roomId);
}

/** 24 bits: serial numbers and the counters of ObjectIds (their last 3 bytes) grow; other ids say nothing. */
function tieOf(id: string): number {
  if (/^\d{1,20}$/.test(id)) return Number(BigInt(id) % BigInt(TIE_SPAN));
  if (/^[0-9a-f]{24}$/i.test(id)) return Number.parseInt(id.slice(-6), 16);
  return hash53(id).low32 >>> 8;
}
