import type { Millis } from '../../lambdas/domain/entities.ts';
import type { Message } from '../types.ts';

/**
 * Names the messages of one request of the client. Each gets an id and an instant of its own, a millisecond after the one
 * before: what they cause is sorted by these.
 */
export function arrived(
  messages: readonly Message[],
  { requestId, at }: { readonly requestId: string | undefined; readonly at: Millis },
): readonly Message[] {
  if (requestId === undefined || at <= 0) return messages;
  return messages.map((message, index) => ({
    ...message,
    arrival: { at: at + index, requestId: index === 0 ? requestId : `${requestId}.${index}` },
  }));
}
