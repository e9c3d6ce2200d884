import { CausewayError } from '../../lambdas/domain/errors.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';

/**
 * When a call of the bridge gives up: functions end at 28 s, which API Gateway tells a client as `Internal server error`.
 * The application's own deadline (compat/server/world.ts) comes earlier; this one is for whatever else does not end.
 */
export const DEADLINE_MS: Millis = 26_500;

/** As `work`; rejects when it has not settled in time. What it does after that concerns nobody any more. */
export async function inTime<T>(ms: Millis, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CausewayError('unavailable', `Not done after ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
