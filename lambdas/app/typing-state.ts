import type { Millis } from '../domain/entities.ts';
import type { RoomId } from '../domain/ids.ts';

/** How long somebody types who says nothing more. */
export const TYPING_SECONDS = 10;

/** What a socket's data says of its typing: rooms, and since when. */
export interface TypingState {
  readonly typing?: Readonly<Record<RoomId, Millis>>;
}

/** Where somebody is typing still; what is older has been ended by performLater. */
export function typingSince({ typing = {} }: TypingState, at: Millis): Readonly<Record<RoomId, Millis>> {
  const current = Object.entries(typing).filter(([, since]) => at - since < TYPING_SECONDS * 1000);
  return Object.fromEntries(current);
}
