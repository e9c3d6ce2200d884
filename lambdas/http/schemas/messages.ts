import * as v from 'valibot';

import type { JsonObject } from '../../domain/entities.ts';
import { CHAT } from '../../manifest/limits.ts';
import {
  REQUIRED,
  messageFields,
  messageIdField,
  messageTypeField,
  roomIdField,
} from '../../wire/json/fields.ts';
import { instant, list, queryInteger } from './fields.ts';
import { person, personExample } from './people.ts';

export const roomParams = v.object({ roomId: roomIdField }, REQUIRED);

export const messageBody = v.object(messageFields, REQUIRED);

export const historyQuery = v.object({
  limit: queryInteger({ minimum: 1, maximum: CHAT.historyPage, fallback: CHAT.historyPageDefault }),
  before: v.exactOptional(messageIdField),
});

/** The same shape as `message` in frames of the native protocol. */
export const message = v.object({
  id: v.string(),
  roomId: v.string(),
  sender: person,
  content: v.string(),
  messageType: messageTypeField,
  replyTo: v.exactOptional(v.string()),
  clientMessageId: v.exactOptional(v.string()),
  context: v.exactOptional(
    v.pipe(
      v.custom<JsonObject>(() => true),
      v.metadata({ type: 'object' }),
    ),
  ),
  createdAt: instant,
});

/** Newest first. */
export const messagePage = v.object({ messages: list(message), nextCursor: v.exactOptional(v.string()) });

export const messageExample = {
  id: '01KDYB3ZXE4QJ6M8T2V5W7R9AC',
  roomId: '68f1c2a40b5e9d3a7c11f0aa',
  sender: personExample,
  content: 'Hello!',
  messageType: 'text' as const,
  createdAt: '2026-01-02T03:04:05.006Z',
};
export const messagePageExample = { messages: [messageExample], nextCursor: messageExample.id };
