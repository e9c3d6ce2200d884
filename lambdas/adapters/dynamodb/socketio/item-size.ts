import { CausewayError } from '../../../domain/errors.ts';

/** Whether DynamoDB refused a write because the row would pass 400 KB: a ValidationException told by its message only. */
export function isItemTooLarge(error: unknown): boolean {
  if (!(error instanceof CausewayError) || !(error.cause instanceof Error)) return false;
  return /Item size .*exceeded the maximum allowed size/i.test(error.cause.message);
}
