/** Fields that only REST has; those it shares with frames are in wire/json/fields.ts. */
import * as v from 'valibot';

import type { UserId } from '../../domain/ids.ts';
import { USER_ID, parseUserId } from '../../domain/ids.ts';
import {
  checkDisplayName,
  checkEmail,
  checkPassword,
  checkRoomName,
  checkUsername,
} from '../../domain/text-rules.ts';
import { ACCOUNT, CHAT } from '../../manifest/limits.ts';
import { ruledField } from '../../wire/json/fields.ts';

export const userIdField = v.pipe(
  v.string('must be a string'),
  v.regex(USER_ID, 'must be a user id'),
  v.check((id) => parseUserId(id) !== undefined, 'must be a user id'),
  v.transform((id) => id as UserId),
);

export const emailField = ruledField(checkEmail, {
  type: 'string',
  format: 'email',
  maxLength: ACCOUNT.emailChars,
});

export const newPasswordField = ruledField(checkPassword, {
  type: 'string',
  minLength: ACCOUNT.passwordMinChars,
  maxLength: ACCOUNT.passwordMaxChars,
});

export const usernameField = ruledField(checkUsername, textOf(ACCOUNT.usernameChars));
export const displayNameField = ruledField(checkDisplayName, textOf(ACCOUNT.displayNameChars));
export const roomNameField = ruledField(checkRoomName, textOf(CHAT.roomNameChars));

export const participantIdsField = v.pipe(
  v.array(userIdField, 'must be a list of user ids'),
  v.maxLength(CHAT.participantsPerCall, `must be at most ${CHAT.participantsPerCall} user ids`),
);

function textOf(maxLength: number) {
  return { type: 'string', minLength: 1, maxLength };
}

/** A whole number in a query string, where everything is text; the document says what it means. */
export function queryInteger(range: {
  readonly minimum: number;
  readonly maximum: number;
  readonly fallback: number;
}) {
  const { minimum, maximum, fallback } = range;
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  const inRange = (text: string): boolean =>
    /^\d{1,9}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum;
  return v.pipe(
    v.optional(v.pipe(v.string(message), v.check(inRange, message)), String(fallback)),
    v.metadata({ type: 'integer', minimum, maximum, default: fallback }),
    v.transform(Number),
  );
}

/** `true` or `false` in a query string; false when absent. */
export const queryBoolean = v.pipe(
  v.optional(v.picklist(['true', 'false'], 'must be true or false'), 'false'),
  v.metadata({ type: 'boolean', enum: [true, false], default: false }),
  v.transform((text) => text === 'true'),
);

/** ISO 8601 in UTC with milliseconds. */
export const instant = v.pipe(v.string(), v.isoTimestamp());

/** A list in an answer. */
export function list<const S extends v.GenericSchema>(item: S) {
  return v.pipe(v.array(item), v.readonly());
}
