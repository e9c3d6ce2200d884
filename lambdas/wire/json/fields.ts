/**
 * Schemas of single fields, shared by frames and REST bodies, so that both doors accept the same values and say the same about others.
 * Each message completes the sentence "<field> …".
 */
import * as v from 'valibot';

import { MESSAGE_TYPES } from '../../domain/entities.ts';
import type { ClientMessageId, MessageId, RoomId } from '../../domain/ids.ts';
import { CLIENT_MESSAGE_ID, ROOM_ID, SORTED_ID } from '../../domain/ids.ts';
import { checkJsonObject } from '../../domain/json-object.ts';
import type { ResumePoint } from '../../domain/resume-point.ts';
import { parseResumePoint } from '../../domain/resume-point.ts';
import type { Result } from '../../domain/result.ts';
import { checkContent } from '../../domain/text-rules.ts';
import { CHAT } from '../../manifest/limits.ts';

export const REQUIRED = 'is required';
const NO_OFFSET = 'must be an offset that the server gave';

export const roomIdField = v.pipe(
  v.string('must be a string'),
  v.regex(ROOM_ID, `must be 1 to ${CHAT.idChars} characters of A-Z a-z 0-9 _ -`),
  v.transform((id) => id as RoomId),
);

export const roomIdsField = v.pipe(
  v.array(roomIdField, 'must be an array of room ids'),
  v.maxLength(CHAT.roomsPerSession, `must be at most ${CHAT.roomsPerSession} rooms`),
);

/** What the server called `offset` or `after`. */
export const resumePointField = v.pipe(
  v.string(NO_OFFSET),
  v.rawTransform<string, ResumePoint>(({ dataset, addIssue, NEVER }) => {
    const point = parseResumePoint(dataset.value);
    if (point !== undefined) return point;
    addIssue({ message: NO_OFFSET });
    return NEVER;
  }),
);

export const messageIdField = v.pipe(
  v.string('must be a string'),
  v.regex(SORTED_ID, 'must be a message id'),
  v.transform((id) => id as MessageId),
);

export const clientMessageIdField = v.pipe(
  v.string('must be a string'),
  v.regex(CLIENT_MESSAGE_ID, `must be 1 to ${CHAT.clientMessageIdChars} characters of A-Z a-z 0-9 _ -`),
  v.transform((id) => id as ClientMessageId),
);

export const contentField = ruledField(checkContent, {
  type: 'string',
  minLength: 1,
  maxLength: CHAT.contentChars,
});

export const messageTypeField = v.picklist(MESSAGE_TYPES, `must be one of ${MESSAGE_TYPES.join(', ')}`);

export const contextField = jsonObjectField(CHAT.contextBytes);

/** What whoever sends a message says of it. */
export const messageFields = {
  content: contentField,
  messageType: v.optional(messageTypeField, 'text'),
  replyTo: v.exactOptional(messageIdField),
  clientMessageId: v.exactOptional(clientMessageIdField),
  context: v.exactOptional(contextField),
};

export const historyLimitField = v.pipe(
  v.number(`must be a whole number from 1 to ${CHAT.historyPage}`),
  v.integer(`must be a whole number from 1 to ${CHAT.historyPage}`),
  v.minValue(1, `must be a whole number from 1 to ${CHAT.historyPage}`),
  v.maxValue(CHAT.historyPage, `must be a whole number from 1 to ${CHAT.historyPage}`),
);

/** Any JSON object of at most `maxBytes` as UTF-8 JSON. */
export function jsonObjectField(maxBytes: number) {
  return ruledField((input) => checkJsonObject(input, maxBytes), { type: 'object' });
}

/** A field whose rule is the domain's; `jsonSchema` says in the OpenAPI document as much of the rule as JSON Schema can. */
export function ruledField<T>(
  check: (input: unknown) => Result<T, string>,
  jsonSchema: Readonly<Record<string, unknown>>,
) {
  return v.pipe(
    v.unknown(),
    v.metadata(jsonSchema),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const checked = check(dataset.value);
      if (checked.ok) return checked.value;
      addIssue({ message: checked.error });
      return NEVER;
    }),
  );
}
