import { CHAT } from '../manifest/limits.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A WebSocket connection as API Gateway names it. Dies with the socket. */
export type ConnectionId = Branded<'ConnectionId'>;
/** Survives a reconnect. 128 random bits or more: knowing it is owning it. */
export type SessionId = Branded<'SessionId'>;
/** `sub` of the token, or 24 hex digits for users of the built-in issuer. */
export type UserId = Branded<'UserId'>;
/** Opaque, `[A-Za-z0-9_-]{1,128}`; generated ones are 24 hex digits in ObjectId layout. */
export type RoomId = Branded<'RoomId'>;
/** 26 Crockford base-32 digits, sorted by arrival; see message-id.ts. */
export type MessageId = Branded<'MessageId'>;
/** Chosen by a client to make a retry idempotent: `[A-Za-z0-9_-]{1,64}`, unique per room and sender. */
export type ClientMessageId = Branded<'ClientMessageId'>;
/** Same layout as a message id. */
export type NotificationId = Branded<'NotificationId'>;
/** Lower-cased, trimmed address; the key of an account. */
export type Email = Branded<'Email'>;

export const ROOM_ID = new RegExp(`^[A-Za-z0-9_-]{1,${CHAT.idChars}}$`);
export const CLIENT_MESSAGE_ID = new RegExp(`^[A-Za-z0-9_-]{1,${CHAT.clientMessageIdChars}}$`);
// No `#` (the key separator), no `/` (ids stand in paths), no spaces or control characters.
export const USER_ID = new RegExp(`^[A-Za-z0-9_.|:@+=,~-]{1,${CHAT.idChars}}$`);
export const SORTED_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

export function parseRoomId(input: unknown): RoomId | undefined {
  return matches(ROOM_ID, input) ? (input as RoomId) : undefined;
}

export function parseUserId(input: unknown): UserId | undefined {
  // `.` and `..` are path segments: a URL library would fold them away.
  return matches(USER_ID, input) && !/^\.{1,2}$/.test(input) ? (input as UserId) : undefined;
}

export function parseClientMessageId(input: unknown): ClientMessageId | undefined {
  return matches(CLIENT_MESSAGE_ID, input) ? (input as ClientMessageId) : undefined;
}

export function parseMessageId(input: unknown): MessageId | undefined {
  return matches(SORTED_ID, input) ? (input as MessageId) : undefined;
}

export function parseNotificationId(input: unknown): NotificationId | undefined {
  return matches(SORTED_ID, input) ? (input as NotificationId) : undefined;
}

/** API Gateway's own id; only its presence is checked, its layout is AWS's business. */
export function parseConnectionId(input: unknown): ConnectionId | undefined {
  return matches(/^[^#\s]{1,128}$/, input) ? (input as ConnectionId) : undefined;
}

export function parseSessionId(input: unknown): SessionId | undefined {
  return matches(/^[A-Za-z0-9_-]{20,64}$/, input) ? (input as SessionId) : undefined;
}

function matches(pattern: RegExp, input: unknown): input is string {
  return typeof input === 'string' && pattern.test(input);
}
