import * as v from 'valibot';

import { messageRow } from '../../lambdas/adapters/dynamodb/message-rows.ts';
import type { JsonObject, Message, Room, User } from '../../lambdas/domain/entities.ts';
import { parseClientMessageId, type MessageId, type RoomId, type UserId } from '../../lambdas/domain/ids.ts';
import { checkJsonObject } from '../../lambdas/domain/json-object.ts';
import { plainSender } from '../../lambdas/domain/sender.ts';
import { CHAT } from '../../lambdas/manifest/limits.ts';
import { contentField, contextField, messageTypeField } from '../../lambdas/wire/json/fields.ts';
import { batchWrite } from './batch-write.ts';
import {
  displayNameField,
  emailField,
  instantField,
  lineOf,
  originalIdField,
  roomIdField,
  userIdField,
  usernameField,
} from './fields.ts';
import { importedId } from './imported-id.ts';
import type { Importer } from './importer.ts';
import type { Lookup } from './known.ts';

const messageLine = lineOf({
  id: originalIdField,
  roomId: roomIdField,
  senderId: userIdField,
  /** The sender's names at the time; without `username` they are those of the user, who then must exist. */
  username: v.exactOptional(usernameField),
  displayName: v.exactOptional(displayNameField),
  email: v.exactOptional(emailField),
  content: contentField,
  messageType: v.optional(messageTypeField, 'text'),
  createdAt: instantField,
  replyTo: v.exactOptional(lineOf({ id: originalIdField, createdAt: instantField })),
  context: v.exactOptional(contextField),
});
type MessageLine = v.InferOutput<typeof messageLine>;

/** Where the original id goes when it is not allowed as a clientMessageId. */
const ORIGINAL_ID = 'originalId';

interface Known {
  readonly users: Lookup<UserId, User>;
  readonly rooms: Lookup<RoomId, Room>;
}

export function createMessageImporter(known: Known): Importer<MessageLine> {
  return {
    schema: messageLine,
    atOnce: 8,
    write: async (table, lines) => {
      const unnamed = lines.filter(({ username }) => username === undefined);
      const [users, rooms] = await Promise.all([
        known.users(
          table,
          unnamed.map(({ senderId }) => senderId),
        ),
        known.rooms(
          table,
          lines.map(({ roomId }) => roomId),
        ),
      ]);
      const drafts = lines.map((line) => draftOf(line, { users, rooms }));
      const messages = drafts.filter((draft) => typeof draft !== 'string');
      await batchWrite(table, messages.map(messageRow));
      return drafts.map((draft) => (typeof draft === 'string' ? draft : undefined));
    },
  };
}

/** The message of a line, or why there is none. */
function draftOf(
  line: MessageLine,
  { users, rooms }: { readonly users: ReadonlyMap<UserId, User>; readonly rooms: ReadonlyMap<RoomId, Room> },
): Message | string {
  const { roomId, senderId, content, messageType, createdAt, replyTo } = line;
  if (!rooms.has(roomId)) return `roomId: there is no room ${roomId}.`;
  const sender =
    line.username === undefined ? users.get(senderId) : { ...line, username: line.username, id: senderId };
  if (sender === undefined)
    return `senderId: there is no user ${senderId}; without one a username is required.`;
  const id = importedId(line, roomId);
  const named = withOriginalId(line, id);
  if (typeof named === 'string') return named;
  return {
    id,
    roomId,
    sender: plainSender(sender),
    content,
    messageType,
    ...(replyTo && { replyTo: importedId(replyTo, roomId) }),
    ...named,
    createdAt: createdAt.ms,
  };
}

/** The original id, as the name its sender gave it, so that clients and support find it again. */
function withOriginalId(
  { id: original, context }: MessageLine,
  id: MessageId,
): Pick<Message, 'clientMessageId' | 'context'> | string {
  const kept = context && { context };
  if (original === id) return { ...kept };
  const clientMessageId = parseClientMessageId(original);
  if (clientMessageId !== undefined) return { clientMessageId, ...kept };
  if (context !== undefined && ORIGINAL_ID in context)
    return `context must not have a key named ${ORIGINAL_ID}.`;
  const extended: JsonObject = { ...context, [ORIGINAL_ID]: original };
  const checked = checkJsonObject(extended, CHAT.contextBytes);
  return checked.ok ? { context: checked.value } : `context, with the original id in it, ${checked.error}.`;
}
