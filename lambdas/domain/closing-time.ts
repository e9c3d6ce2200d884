import { CLOSING } from '../manifest/limits.ts';
import type { Millis } from './entities.ts';
import { hash32 } from './hash.ts';

/** A connection of either protocol. */
export interface Opened {
  /** Of the connection or session; what decides its moment. */
  readonly id: string;
  readonly openedAt: Millis;
}

/** When a connection is closed, before API Gateway would cut it: the same for whoever asks, spread evenly over ids. */
export function closingTime({ id, openedAt }: Opened): Millis {
  const { fromSeconds, untilSeconds } = CLOSING;
  const spreadMs = (untilSeconds - fromSeconds) * 1000;
  return openedAt + fromSeconds * 1000 + Math.floor((hash32(id) / 2 ** 32) * spreadMs);
}

/**
 * Whether to close it now. Who looks at each connection once in a while gives the time of the next look: then it may be too
 * late, so that a connection is closed up to one such while too early, never too late.
 */
export function isClosing(opened: Opened, nextLookAt: Millis): boolean {
  return closingTime(opened) < nextLookAt;
}
