import { postMessage } from '../../app/post-message.ts';
import { readHistory } from '../../app/read-history.ts';
import { senderOf } from '../../domain/identity.ts';
import { messageJson } from '../../wire/json/views.ts';
import { bearerOperation } from '../operation.ts';
import {
  historyQuery,
  message,
  messageBody,
  messageExample,
  messagePage,
  messagePageExample,
  roomParams,
} from '../schemas/messages.ts';

export const listMessagesOperation = bearerOperation({
  method: 'get',
  path: '/chat/rooms/{roomId}/messages',
  operationId: 'listMessages',
  summary: 'A page of history, newest first; pass nextCursor as before for the next one',
  tag: 'messages',
  params: roomParams,
  query: historyQuery,
  success: { status: 200, description: 'The page.', schema: messagePage, example: messagePageExample },
  errors: ['not_found'],
  handle: async (deps, { identity: { userId }, params, query }) => {
    const page = await readHistory(deps, { userId, command: { kind: 'history.read', ...params, ...query } });
    const { messages, nextCursor } = page;
    return { messages: messages.map(messageJson), ...(nextCursor === undefined ? {} : { nextCursor }) };
  },
});

export const postMessageOperation = bearerOperation({
  method: 'post',
  path: '/chat/rooms/{roomId}/messages',
  operationId: 'postMessage',
  summary: 'Send a message; everybody live in the room receives it',
  tag: 'messages',
  params: roomParams,
  body: messageBody,
  bodyExample: { content: 'Hello!', clientMessageId: 'c-1' },
  success: {
    status: 201,
    description: 'The message as stored; the original for a repeated clientMessageId.',
    schema: message,
    example: messageExample,
  },
  errors: ['not_found'],
  handle: async (deps, { identity, params, body, arrival }) => {
    const command = { kind: 'message.send', ...params, ...body } as const;
    return messageJson(await postMessage(deps, { sender: senderOf(identity), arrival, command }));
  },
});
