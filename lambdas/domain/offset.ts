/**
 * Offsets: where in the course of things an event stands, as text that sorts. A client returns the greatest it was given, and
 * is told what came after. Made of what is stored, so that an event has the same offset whenever it is read.
 *
 *     9 digits (base 36)   the event's instant, epoch milliseconds
 *     -
 *     10 characters        tell the events of one millisecond apart
 */
import type { Millis } from './entities.ts';
import type { DomainEvent } from './events.ts';
import { hash53 } from './hash.ts';

const OFFSET = /^[0-9a-z]{9}-[\w-]{10}$/;
const TIME_DIGITS = 9;
/** Digits of an id (domain/message-id.ts) that are its instant. */
const ID_TIME_DIGITS = 10;
const REST_CHARS = 10;

export interface Place {
  readonly at: Millis;
  readonly offset: string;
}

/** Undefined for events that are not stored, and so can't be told again. */
export function placeOf(event: DomainEvent): Place | undefined {
  switch (event.kind) {
    case 'message.created':
      return place(event.message.toldAt ?? event.message.createdAt, idRest(event.message.id));
    case 'notification.created':
      return place(event.notification.toldAt ?? event.notification.createdAt, idRest(event.notification.id));
    case 'message.read':
      return place(event.readAt, hashRest(`${event.roomId}#${event.userId}#${event.messageId}`));
    default:
      return undefined;
  }
}

export function offsetOf(event: DomainEvent): string | undefined {
  return placeOf(event)?.offset;
}

/** The first offset of an instant: nothing that happened then or later sorts before it. */
export function offsetAt(at: Millis): string {
  return place(at, '-'.repeat(REST_CHARS)).offset;
}

/** The instant of an offset; undefined for what is none. */
export function timeOfOffset(text: string): Millis | undefined {
  return OFFSET.test(text) ? Number.parseInt(text.slice(0, TIME_DIGITS), 36) : undefined;
}

function place(at: Millis, rest: string): Place {
  return { at, offset: `${at.toString(36).padStart(TIME_DIGITS, '0')}-${rest}` };
}

function idRest(id: string): string {
  return id.slice(ID_TIME_DIGITS, ID_TIME_DIGITS + REST_CHARS).toLowerCase();
}

function hashRest(text: string): string {
  const { high21, low32 } = hash53(text);
  return (high21 * 2 ** 32 + low32).toString(36).padStart(11, '0').slice(-REST_CHARS);
}
