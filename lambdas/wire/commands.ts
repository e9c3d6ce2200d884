/** What each action of the native protocol looks like, and the command it stands for. */
import * as v from 'valibot';

import type { Command } from '../domain/commands.ts';
import { CHAT } from '../manifest/limits.ts';
import type { NativeAction } from '../manifest/routes.ts';
import {
  REQUIRED,
  historyLimitField,
  messageFields,
  messageIdField,
  resumePointField,
  roomIdField,
  roomIdsField,
} from './json/fields.ts';

const join = v.pipe(
  v.object({ roomId: roomIdField }, REQUIRED),
  v.transform((fields): Command => ({ kind: 'room.join', ...fields })),
);

const leave = v.pipe(
  v.object({ roomId: roomIdField }, REQUIRED),
  v.transform((fields): Command => ({ kind: 'room.leave', ...fields })),
);

const send = v.pipe(
  v.object({ roomId: roomIdField, ...messageFields }, REQUIRED),
  v.transform((fields): Command => ({ kind: 'message.send', ...fields })),
);

const typing = v.pipe(
  v.object({ roomId: roomIdField, isTyping: v.boolean('must be true or false') }, REQUIRED),
  v.transform((fields): Command => ({ kind: 'typing.set', ...fields })),
);

const read = v.pipe(
  v.object({ roomId: roomIdField, messageId: messageIdField }, REQUIRED),
  v.transform((fields): Command => ({ kind: 'message.read', ...fields })),
);

const history = v.pipe(
  v.object(
    {
      roomId: roomIdField,
      limit: v.optional(historyLimitField, CHAT.historyPageDefault),
      before: v.exactOptional(messageIdField),
    },
    REQUIRED,
  ),
  v.transform((fields): Command => ({ kind: 'history.read', ...fields })),
);

const resume = v.pipe(
  v.object({ rooms: roomIdsField, after: v.exactOptional(resumePointField) }, REQUIRED),
  v.transform(({ rooms, ...rest }): Command => ({ kind: 'session.resume', roomIds: rooms, ...rest })),
);

const ping = v.pipe(
  v.object({}),
  v.transform((): Command => ({ kind: 'ping' })),
);

export const COMMANDS = { join, leave, send, typing, read, history, resume, ping } as const satisfies Record<
  NativeAction,
  v.GenericSchema<unknown, Command>
>;
