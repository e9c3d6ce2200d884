import type { Millis } from '../domain/entities.ts';
import type { RoomId, SessionId, UserId } from '../domain/ids.ts';
import type { ErrorCode } from '../domain/errors.ts';

export interface Clock {
  now(): Millis;
}

/** Fresh ids. User and room ids are 24 hex digits in ObjectId layout (4 bytes of seconds, 8 random bytes). */
export interface Ids {
  user(at: Millis): UserId;
  room(at: Millis): RoomId;
  /** 128 random bits, base64url. */
  session(): SessionId;
}

/** Structured logs. Fields MUST NOT hold tokens, passwords, message content or e-mail addresses. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields & { readonly error?: unknown; readonly code?: ErrorCode }): void;
}
export type LogFields = { readonly [key: string]: unknown };
