/** What a message of the later queue holds. Only our own functions write there, but a message may be older than this code. */
import * as v from 'valibot';

import { USER_ID, type UserId } from '../domain/ids.ts';
import type { LaterTask } from '../ports/later.ts';
import { roomIdField } from './json/fields.ts';

const userId = v.pipe(
  v.string(),
  v.regex(USER_ID),
  v.transform((id) => id as UserId),
);

const Task = v.variant('kind', [
  v.object({
    kind: v.literal('typing.expire'),
    sid: v.string(),
    namespace: v.string(),
    roomId: roomIdField,
    startedAt: v.number(),
    userId,
    username: v.string(),
  }),
  v.object({ kind: v.literal('presence.settle'), userId, at: v.number() }),
]) satisfies v.GenericSchema<unknown, LaterTask>;

/** Undefined for what is no task this code knows. */
export function decodeLaterTask(body: string): LaterTask | undefined {
  try {
    const result = v.safeParse(Task, JSON.parse(body));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
