/** docs/contracts/messenger.md: messages with a free context, one conversation at a time. */
import * as v from 'valibot';

import type { JsonObject } from '../../lambdas/domain/entities.ts';
import type { MessageId } from '../../lambdas/domain/ids.ts';
import { parseMessageId } from '../../lambdas/domain/ids.ts';
import { REQUIRED } from '../../lambdas/wire/json/fields.ts';
import { toIso } from '../../lambdas/wire/json/views.ts';
import type { ClientEventsOf, ServerEventsOf } from './define-dialect.ts';
import { NOTHING, defineDialect } from './define-dialect.ts';
import { content, context, instant, jsonObject, problem } from './fields.ts';
import { sayError } from './say-error.ts';

export const messenger = defineDialect({
  id: 'messenger',
  document: 'docs/contracts/messenger.md',
  title: 'Documentation WebSocket',
  autoJoins: { rooms: true, lobby: true },

  receives: {
    message: {
      about: 'Send a message: to the room that `context.roomId` names, else to the lobby.',
      payload: v.object({ message: content, context: v.exactOptional(context) }, REQUIRED),
      means: ({ message, context }) => ({
        kind: 'message.send',
        roomId: context?.roomId,
        content: message,
        messageType: 'text',
        ...(context === undefined ? {} : { context, ...replyIn(context) }),
      }),
    },
    typing: {
      about: 'true: started typing, false: stopped; in the room last sent to or joined, else in the lobby.',
      payload: v.boolean('must be true or false'),
      means: (isTyping) => ({ kind: 'typing.set', roomId: undefined, isTyping }),
    },
  },

  sends: {
    message: {
      about: 'A new message, to everyone in the room, its sender included.',
      payload: v.object({
        id: v.string(),
        message: v.string(),
        timestamp: instant,
        context: v.exactOptional(jsonObject),
      }),
    },
    userTyping: {
      about: 'Somebody else in a room started or stopped typing.',
      payload: v.object({ userId: v.string(), username: v.string(), isTyping: v.boolean() }),
    },
    userStatus: {
      about: 'Somebody who shares a room came or went.',
      payload: v.object({
        userId: v.string(),
        username: v.string(),
        isOnline: v.boolean(),
        lastSeen: v.exactOptional(instant),
      }),
    },
    error: { about: 'What was asked for was refused.', payload: problem },
  },

  says: {
    'message.created': ({ message: { id, content, createdAt, context } }) => [
      'message',
      { id, message: content, timestamp: toIso(createdAt), ...(context === undefined ? {} : { context }) },
    ],
    'typing.changed': ({ userId, username, isTyping }) => ['userTyping', { userId, username, isTyping }],
    'presence.changed': ({ userId, username, isOnline, at }) => [
      'userStatus',
      { userId, username, isOnline, ...(isOnline ? {} : { lastSeen: toIso(at) }) },
    ],
    'error.raised': sayError,

    // The document has no receipts.
    'message.read': NOTHING,
    // Rooms are entered when the connection is made, never on request.
    'room.joined': NOTHING,
    'room.left': NOTHING,
    // fama's word.
    'session.connected': NOTHING,
    // Words of the notifications vocabulary.
    'notification.created': NOTHING,
    'notification.read': NOTHING,
  },
});

export type ServerToClientEvents = ServerEventsOf<typeof messenger>;
export type ClientToServerEvents = ClientEventsOf<typeof messenger>;

/** The context is the client's own: only what is an id of ours is a reply, anything else is stored and echoed with the rest. */
function replyIn(context: JsonObject): { readonly replyTo?: MessageId } {
  const replyTo = parseMessageId(context['replyTo']);
  return replyTo === undefined ? {} : { replyTo };
}
