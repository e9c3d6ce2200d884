/**
 * Offsets of what chat keeps anyway. Messages, receipts and notifications are in their own tables, so connection state recovery
 * needs no packet log for them: their offsets are made of what is stored (lambdas/domain/offset.ts).
 */
import { offsetOf as offsetOfEvent } from '../../lambdas/domain/offset.ts';
import type { Occurrence } from '../dialects/define-dialect.ts';

/** The last argument of the event where recovery is on; undefined for what is not stored, and so never missed. */
export function offsetOf(occurrence: Occurrence): string | undefined {
  switch (occurrence.kind) {
    case 'message.created':
    case 'message.read':
    case 'notification.created':
      return offsetOfEvent(occurrence);
    default:
      return undefined;
  }
}
