/**
 * Ids of messages and notifications: 26 Crockford base-32 digits (128 bits, the layout of a ULID).
 *
 *     48 bits  arrival at the gateway, epoch milliseconds: ids sort by time as strings
 *     48 bits  hash of the gateway's request id, unique per frame
 *     32 bits  tag: hash of the room (or, for notifications, of the user)
 *
 * Nothing in them is random: a frame that Lambda handles twice gets the same id twice, so the second write finds the
 * first. The tag lets a receipt, a reply or a cursor be refused without a read when it names another room's message.
 * It is a guard against mix-ups, not a secret: rights are always checked by the stores.
 */
import type { Arrival, Millis } from './entities.ts';
import { hash32, hash53 } from './hash.ts';
import type { MessageId, NotificationId, RoomId, UserId } from './ids.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
/** 9 digits of hash, then 7 digits (35 bits) of which the last 32 bits are the tag. */
const HASH_DIGITS = 9;
const TAG_DIGITS = 7;
const TAG_SPAN = 2 ** 32;
const LATEST = 2 ** 48 - 1;

/** Throws RangeError when `at` is not a whole number of milliseconds from 0 to 2^48 − 1: gateways give nothing else. */
export function messageId(arrival: Arrival, roomId: RoomId): MessageId {
  return sortedId(arrival, roomId) as MessageId;
}

/**
 * As `messageId`, for a message that no gateway received: `unique`, a whole number below 2^48, stands where the hash of the
 * request does, and decides the order within a millisecond.
 */
export function messageIdOf(
  origin: { readonly at: Millis; readonly unique: number },
  roomId: RoomId,
): MessageId {
  return assemble(origin, roomId) as MessageId;
}

export function notificationId(arrival: Arrival, userId: UserId): NotificationId {
  return sortedId(arrival, userId) as NotificationId;
}

/** When the gateway received what became this message. */
export function timeOf(id: MessageId | NotificationId): Millis {
  return decode(id.slice(0, TIME_DIGITS));
}

/** What no id of this instant or a later one sorts before, and every earlier one does. */
export function idFloor(at: Millis): string {
  return encode(Math.min(Math.max(Math.trunc(at), 0), LATEST), TIME_DIGITS);
}

/** False for an id that was not made for this room (or user). */
export function belongsTo(id: MessageId, owner: RoomId): boolean;
export function belongsTo(id: NotificationId, owner: UserId): boolean;
export function belongsTo(id: string, owner: string): boolean {
  return decode(id.slice(-TAG_DIGITS)) % TAG_SPAN === hash32(owner);
}

function sortedId({ at, requestId }: Arrival, owner: string): string {
  const { high21, low32 } = hash53(requestId);
  // 48 bits of hash = 16 high and 32 low. All below 2^53, so numbers are exact.
  return assemble({ at, unique: (high21 & 0xffff) * 2 ** 32 + low32 }, owner);
}

function assemble({ at, unique }: { readonly at: Millis; readonly unique: number }, owner: string): string {
  if (!Number.isInteger(at) || at < 0 || at > LATEST) throw new RangeError(`Not an instant: ${at}`);
  // The last 3 bits of `unique` share the digits of the tag.
  return (
    encode(at, TIME_DIGITS) +
    encode(Math.floor(unique / 8), HASH_DIGITS) +
    encode((unique % 8) * TAG_SPAN + hash32(owner), TAG_DIGITS)
  );
}

function encode(value: number, digits: number): string {
  let text = '';
  for (let rest = value; text.length < digits; rest = Math.floor(rest / 32))
    text = ALPHABET.charAt(rest % 32) + text;
  return text;
}

function decode(digits: string): number {
  let value = 0;
  for (const digit of digits) value = value * 32 + ALPHABET.indexOf(digit);
  return value;
}
