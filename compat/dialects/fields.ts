/**
 * Fields that several documents have. What clients send obeys the rules of frames and REST bodies (wire/json/fields.ts),
 * and is typed as clients write it; each message completes the sentence "<field> …".
 */
import * as v from 'valibot';

import type { JsonObject } from '../../lambdas/domain/entities.ts';
import type { NotificationId, RoomId } from '../../lambdas/domain/ids.ts';
import { ROOM_ID, SORTED_ID } from '../../lambdas/domain/ids.ts';
import { checkJsonObject } from '../../lambdas/domain/json-object.ts';
import { checkContent } from '../../lambdas/domain/text-rules.ts';
import { CHAT } from '../../lambdas/manifest/limits.ts';
import { roomIdField } from '../../lambdas/wire/json/fields.ts';
import { isJsonObject } from '../../lambdas/wire/json/safe-json.ts';

/** Message text. */
export const content = v.pipe(
  v.string('must be a string'),
  v.metadata({ minLength: 1, maxLength: CHAT.contentChars }),
  v.rawCheck(({ dataset, addIssue }) => {
    const checked = checkContent(dataset.value);
    if (!checked.ok) addIssue({ message: checked.error });
  }),
);

export const notificationId = v.pipe(
  v.string('must be a string'),
  v.regex(SORTED_ID, 'must be a notification id'),
  v.transform((id) => id as NotificationId),
);

/** As the messenger document shows it. */
interface Context {
  readonly roomId?: string;
  readonly replyTo?: string;
  readonly [field: string]: unknown;
}

/** Any JSON object of at most CHAT.contextBytes. A `roomId` in it is where the message goes, so it must be one. */
export const context = v.pipe(
  v.custom<Context>(isJsonObject, 'must be an object'),
  v.metadata({
    type: 'object',
    properties: { roomId: { type: 'string', pattern: ROOM_ID.source }, replyTo: { type: 'string' } },
    additionalProperties: true,
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    const checked = checkJsonObject(dataset.value, CHAT.contextBytes);
    if (!checked.ok) addIssue({ message: checked.error });
  }),
  v.looseObject({ roomId: v.exactOptional(roomIdField) }),
  v.transform((context) => context as JsonObject & { readonly roomId?: RoomId }),
);

/** ISO 8601 in UTC with milliseconds. */
export const instant = v.pipe(v.string(), v.isoTimestamp());

/** Any JSON object, as it was given. */
export const jsonObject = v.pipe(v.custom<JsonObject>(isJsonObject), v.metadata({ type: 'object' }));

/** Every document that speaks of errors gives them a message for people and nothing else. */
export const problem = v.object({ message: v.string() });
