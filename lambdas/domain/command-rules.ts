/** Rules every command obeys, whatever dialect it came in: the last gate before a use case, in no client's words. */
import { CHAT } from '../manifest/limits.ts';
import type { Command, HistoryCommand, SendCommand } from './commands.ts';
import { MESSAGE_TYPES } from './entities.ts';
import type { ErrorInfo } from './errors.ts';
import type { MessageId, RoomId } from './ids.ts';
import { checkJsonObject } from './json-object.ts';
import { belongsTo } from './message-id.ts';
import { checkContent } from './text-rules.ts';

/** What is wrong with a command; undefined when it may be executed. Needs no read. */
export function findFault(command: Command): ErrorInfo | undefined {
  switch (command.kind) {
    case 'message.send':
      return faultOfSend(command);
    case 'history.read':
      return faultOfHistory(command);
    case 'message.read':
      return foreign('messageId', command.messageId, command.roomId);
    case 'room.join':
    case 'room.leave':
    case 'typing.set':
    case 'session.resume':
    case 'ping':
      return undefined;
  }
}

function faultOfSend({ content, messageType, context, replyTo, roomId }: SendCommand): ErrorInfo | undefined {
  const text = checkContent(content);
  if (!text.ok) return fault('content', text.error);
  if (!MESSAGE_TYPES.includes(messageType))
    return fault('messageType', `must be one of ${MESSAGE_TYPES.join(', ')}`);
  if (context !== undefined) {
    const data = checkJsonObject(context, CHAT.contextBytes);
    if (!data.ok) return fault('context', data.error);
  }
  return foreign('replyTo', replyTo, roomId);
}

function faultOfHistory({ limit, before, roomId }: HistoryCommand): ErrorInfo | undefined {
  if (!Number.isInteger(limit) || limit < 1 || limit > CHAT.historyPage) {
    return fault('limit', `must be a whole number from 1 to ${CHAT.historyPage}`);
  }
  return foreign('before', before, roomId);
}

function foreign(field: string, id: MessageId | undefined, roomId: RoomId): ErrorInfo | undefined {
  return id === undefined || belongsTo(id, roomId)
    ? undefined
    : fault(field, 'must be the id of a message of this room');
}

function fault(field: string, problem: string): ErrorInfo {
  return { code: 'invalid_field', message: `${field} ${problem}.`, field };
}
