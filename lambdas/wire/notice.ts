/** What back ends say to the function `notify`: events of EventBridge, and what the Emitter sends (compat/emitter). */
import * as v from 'valibot';

import type { Arrival, Millis } from '../domain/entities.ts';
import type { ErrorInfo } from '../domain/errors.ts';
import { USER_ID, type UserId } from '../domain/ids.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { SOCKETIO_SESSION } from '../manifest/limits.ts';
import { NOTIFICATION_EVENT } from '../manifest/routes.ts';
import { REQUIRED } from './json/fields.ts';
import { validate } from './json/validate.ts';

/** A raw Socket.IO event. */
export interface Emission {
  readonly namespace: string;
  /** Empty: the whole namespace. */
  readonly rooms: readonly string[];
  readonly event: string;
  readonly args: readonly unknown[];
  /** Tells it from every other emission. */
  readonly id: string;
}

export type Notice = { readonly arrival: Arrival } & (
  | {
      readonly kind: 'notifications';
      /** As they were named: by id, or as `user_<id>`. */
      readonly userIds: readonly UserId[];
      /** Checked by the use case. */
      readonly payload: unknown;
    }
  | { readonly kind: 'emission'; readonly emission: Emission }
);

/** Rooms of one call. */
const MOST_ROOMS = 100;
const MOST_NAME_CHARS = SOCKETIO_SESSION.nameBytes;

/** Names that the Socket.IO server keeps to itself: a client would take them for its own (Socket.IO "Emit cheatsheet"). */
const RESERVED = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'];

const userIdField = v.pipe(
  v.string('must be a string'),
  v.regex(USER_ID, 'must be a user id'),
  v.transform((id) => id as UserId),
);

const nameField = v.pipe(
  v.string('must be a string'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(MOST_NAME_CHARS, `must be at most ${MOST_NAME_CHARS} characters`),
);

const Detail = v.object({ userId: userIdField, payload: v.unknown() }, REQUIRED);

const Emit = v.object(
  {
    namespace: v.exactOptional(
      v.pipe(nameField, v.regex(/^\/[^,?]*$/, 'must begin with / and hold no , or ?')),
    ),
    rooms: v.pipe(
      v.array(nameField, 'must be an array of rooms'),
      v.maxLength(MOST_ROOMS, `must be at most ${MOST_ROOMS} rooms`),
    ),
    event: v.pipe(
      nameField,
      v.check((event) => !RESERVED.includes(event), 'is a name of Socket.IO itself'),
    ),
    args: v.array(v.unknown(), 'must be an array'),
    /** What tells a repeated call from another one. */
    id: nameField,
    /** When it was made, by the caller's clock. */
    at: v.number('must be epoch milliseconds'),
  },
  REQUIRED,
);

/** `now` bounds what a caller's clock says. */
export function decodeNotice(event: unknown, now: Millis): Result<Notice, ErrorInfo> {
  const { emit } = (event ?? {}) as { readonly emit?: unknown };
  return emit === undefined ? decodeBusEvent(event, now) : decodeEmit(emit, now);
}

/** Whether nobody waits for an answer: EventBridge calls asynchronously. */
export function isBusEvent(event: unknown): boolean {
  return (event as { readonly 'detail-type'?: unknown } | null)?.['detail-type'] !== undefined;
}

function decodeBusEvent(event: unknown, now: Millis): Result<Notice, ErrorInfo> {
  const { id, time, source, detail, ...rest } = (event ?? {}) as Readonly<Record<string, unknown>>;
  const isOurs =
    source === NOTIFICATION_EVENT.source && rest['detail-type'] === NOTIFICATION_EVENT.detailType;
  if (!isOurs || typeof id !== 'string')
    return fail({
      code: 'unknown_action',
      message: 'Neither an event of a rule of ours nor of the Emitter.',
    });
  const checked = checkFields(Detail, detail, 'detail');
  if (!checked.ok) return checked;
  const { userId, payload } = checked.value;
  const arrival = { requestId: id, at: instant(Date.parse(String(time)), now) };
  return ok({ kind: 'notifications', userIds: [userId], payload, arrival });
}

function decodeEmit(input: unknown, now: Millis): Result<Notice, ErrorInfo> {
  const checked = checkFields(Emit, input, 'emit');
  if (!checked.ok) return checked;
  const { id, at, namespace, rooms, event, args } = checked.value;
  const arrival = { requestId: id, at: instant(at, now) };
  if (event !== NOTIFICATION_EVENT.detailType || namespace !== undefined)
    return ok({
      kind: 'emission',
      arrival,
      emission: { namespace: namespace ?? '/', rooms, event, args, id },
    });
  const stranger = rooms.findIndex((room) => !USER_ID.test(room));
  if (rooms.length === 0 || stranger >= 0)
    return fail({
      code: 'invalid_field',
      field: rooms.length === 0 ? 'rooms' : `rooms.${stranger}`,
      message: 'A notification goes to users: every room must be the id of one.',
    });
  return ok({ kind: 'notifications', arrival, userIds: [...new Set(rooms)] as UserId[], payload: args[0] });
}

function checkFields<const S extends v.GenericSchema<unknown, unknown>>(
  schema: S,
  input: unknown,
  name: string,
): Result<v.InferOutput<S>, ErrorInfo> {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return validate(schema, input);
  return fail({ code: 'invalid_field', field: name, message: `${name} must be an object.` });
}

/** No later than now: ids sort by time, and a clock that is ahead must not put a notification above all others. */
function instant(at: number, now: Millis): Millis {
  return Number.isFinite(at) && at > 0 ? Math.min(Math.floor(at), now) : now;
}
