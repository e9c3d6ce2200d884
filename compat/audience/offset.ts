/**
 * Offsets of what chat keeps anyway. Messages and notifications are in their own tables, so connection state recovery needs
 * no packet log for them: their offsets, in the layout of compat/server/recovery-id.ts, are made of what is stored.
 */
import type { Message, Notification } from '../../lambdas/domain/entities.ts';
import type { Occurrence } from '../dialects/define-dialect.ts';

/** Digits of an id that are its instant; what follows tells those of one millisecond apart (domain/message-id.ts). */
const TIME_DIGITS = 10;

/** The last argument of the event where recovery is on; undefined for what is not stored, and so never missed. Sorts as ids do. */
export function offsetOf(occurrence: Occurrence): string | undefined {
  switch (occurrence.kind) {
    case 'message.created':
      return offset(occurrence.message);
    case 'notification.created':
      return offset(occurrence.notification);
    default:
      return undefined;
  }
}

function offset({ id, createdAt }: Pick<Message | Notification, 'id' | 'createdAt'>): string {
  const time = createdAt.toString(36).padStart(9, '0');
  return `${time}-${id.slice(TIME_DIGITS, TIME_DIGITS + 10).toLowerCase()}`;
}
