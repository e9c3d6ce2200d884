/**
 * Heartbeat rings. The sweep runs once a minute; a session belongs to the ring of the minute it was opened in, and each
 * minute one ring is due. The ring is the first character of the sid, and part of the row's partition key: all sessions
 * due now are one Query away.
 */
import type { Millis } from '../../lambdas/domain/entities.ts';

/** base64url, as the rest of a sid. */
export const RING_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const MINUTE_MS = 60_000;

/** Whole minutes between two pings, rounded down so that a ping is never later than announced; one ring for less than a minute. */
export function ringCount(pingIntervalMs: Millis): number {
  return Math.min(RING_ALPHABET.length, Math.max(1, Math.floor(pingIntervalMs / MINUTE_MS)));
}

/** Whether a sweep a minute is enough; for shorter intervals it never rests, and sees each session's own time. */
export function servedByRings(pingIntervalMs: Millis): boolean {
  return pingIntervalMs >= MINUTE_MS;
}

export function minuteOf(at: Millis): number {
  return Math.floor(at / MINUTE_MS);
}

export function startOf(minute: number): Millis {
  return minute * MINUTE_MS;
}

/** The ring of sessions opened in this minute, which is also the ring due in it. */
export function ringOf(minute: number, rings: number): string {
  return RING_ALPHABET.charAt(((minute % rings) + rings) % rings);
}
