import type { Reply } from '../domain/events.ts';
import { API_GATEWAY } from '../manifest/limits.ts';
import { countFitting } from './count-fitting.ts';
import { messageJson } from './json/views.ts';

type History = Extract<Reply, { kind: 'history' }>;

/** Room for everything in the frame that is not a message: names, ids, brackets (the request id alone may take 6 × 64 bytes). */
const ENVELOPE_BYTES = 1024;
const MESSAGES_BYTES = API_GATEWAY.messageBytes - ENVELOPE_BYTES;

/**
 * A page of 100 long messages is bigger than API Gateway's 128 KB message quota. So the frame takes the newest that fit, and its
 * cursor points after the last of them: the client pages on as usual and misses nothing. One message always fits.
 */
export function encodeHistory(history: History, id?: string): string {
  const messages = history.messages.map(messageJson);
  const texts = messages.map((message) => JSON.stringify(message));
  const kept = messages.slice(0, countFitting(texts, MESSAGES_BYTES));
  const nextCursor = kept.length < messages.length ? kept.at(-1)?.id : history.nextCursor;
  return JSON.stringify({
    event: 'history',
    ...(id === undefined ? {} : { id }),
    roomId: history.roomId,
    messages: kept,
    ...(nextCursor === undefined ? {} : { nextCursor }),
  });
}
