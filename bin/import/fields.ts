/** What the fields of a line may be. Each message completes the sentence "<field> …". */
import * as v from 'valibot';

import type { RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { parseRoomId, parseUserId } from '../../lambdas/domain/ids.ts';
import type { Result } from '../../lambdas/domain/result.ts';
import { fail, ok } from '../../lambdas/domain/result.ts';
import { checkDisplayName, checkEmail, checkUsername } from '../../lambdas/domain/text-rules.ts';
import { CHAT } from '../../lambdas/manifest/limits.ts';
import { REQUIRED, ruledField } from '../../lambdas/wire/json/fields.ts';

/** Databases know parts of a millisecond; they decide the order of messages within it. */
export interface Instant {
  readonly ms: number;
  /** 0 to 999. */
  readonly micros: number;
}

/** An original id of a message: anything short on one line. */
const ORIGINAL_ID = /^[^\p{Cc}\p{Zl}\p{Zp}]{1,128}$/u;
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)$/;
/** Clocks of other machines may be a little fast. */
const AHEAD_MS = 60_000;

const INSTANT = 'must be an ISO 8601 instant with a zone, or epoch milliseconds';

export const instantField = ruledField(checkInstant, {});
export const userIdField = ruledField(
  (input) =>
    idOf(input, parseUserId, `must be 1 to ${CHAT.idChars} characters of A-Z a-z 0-9 _ - . | : @ + = , ~`),
  {},
);
export const roomIdField = ruledField(
  (input) => idOf(input, parseRoomId, `must be 1 to ${CHAT.idChars} characters of A-Z a-z 0-9 _ -`),
  {},
);
export const originalIdField = ruledField(
  (input) => idOf(input, parseOriginalId, 'must be 1 to 128 characters on one line'),
  {},
);
export const usernameField = ruledField(checkUsername, {});
export const displayNameField = ruledField(checkDisplayName, {});
export const emailField = ruledField(checkEmail, {});
/** Any word of the application's own; as long as a token's may be. */
export const roleField = ruledField(checkUsername, {});

/** Fields nobody knows are refused: silently dropping them would lose data, and a misspelt optional one would go unnoticed. */
export function lineOf<const E extends v.ObjectEntries>(entries: E) {
  return v.strictObject(entries, ({ expected, input }) =>
    expected === 'never' ? 'is not a known field' : input === undefined ? REQUIRED : 'must be an object',
  );
}

function checkInstant(input: unknown): Result<Instant, string> {
  const instant =
    typeof input === 'number' ? ofNumber(input) : typeof input === 'string' ? ofText(input) : undefined;
  if (instant === undefined || instant.ms < 0) return fail(INSTANT);
  // Message ids begin with the instant: one from the future would stay the newest for as long.
  return instant.ms > Date.now() + AHEAD_MS ? fail('must not be in the future') : ok(instant);
}

function ofNumber(ms: number): Instant | undefined {
  return Number.isSafeInteger(ms) ? { ms, micros: 0 } : undefined;
}

function ofText(text: string): Instant | undefined {
  const [, day = '', time = '', fraction = '', zone = ''] = ISO.exec(text) ?? [];
  // Date.parse turns the 30th of February into the 1st of March.
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined;
  const digits = fraction.padEnd(6, '0');
  const ms = Date.parse(`${day}T${time}.${digits.slice(0, 3)}${zoneOf(zone)}`);
  return Number.isNaN(ms) ? undefined : { ms, micros: Number(digits.slice(3, 6)) };
}

/** PostgreSQL writes +00, MySQL +0000; Date.parse wants +00:00. */
function zoneOf(zone: string): string {
  if (zone === 'Z') return zone;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return `${zone.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

/** Serial ids come as JSON numbers; tokens, paths and clients say them as text. */
function idOf<T extends UserId | RoomId | string>(
  input: unknown,
  parse: (text: string) => T | undefined,
  problem: string,
): Result<T, string> {
  const text = Number.isSafeInteger(input) ? String(input) : input;
  const id = typeof text === 'string' ? parse(text) : undefined;
  return id === undefined ? fail(problem) : ok(id);
}

function parseOriginalId(text: string): string | undefined {
  return ORIGINAL_ID.test(text) ? text : undefined;
}
