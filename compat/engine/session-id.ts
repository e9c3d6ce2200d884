import type { Millis } from '../../lambdas/domain/entities.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';
import { minuteOf, ringCount, ringOf } from './ring.ts';

/** So many bytes, not guessable. */
export type RandomBytes = (count: number) => Uint8Array;

const ENGINE_ID = /^[A-Za-z0-9_-]{24}$/;
/** In base64url as many characters as an id has: no bit is lost where it is stored as bytes. */
const ENGINE_ID_BYTES = 18;

/** The ring, and 138 random bits (a stock server's ids have 20 characters). Knowing a sid is owning the session. */
export function mintEngineId(random: RandomBytes, openedAt: Millis, pingIntervalMs: Millis): EngineId {
  const ring = ringOf(minuteOf(openedAt), ringCount(pingIntervalMs));
  return `${ring}${base64url(random(ENGINE_ID_BYTES)).slice(1)}` as EngineId;
}

/** What cannot be a sid is refused without asking the store. */
export function parseEngineId(input: string | undefined): EngineId | undefined {
  return input !== undefined && ENGINE_ID.test(input) ? (input as EngineId) : undefined;
}

/** Names one poll, so that nobody else ends its wait, and says when it came (poll-token.ts reads it). */
export function mintPollToken(random: RandomBytes, arrivedAt: Millis): string {
  return `${arrivedAt.toString(36)}-${base64url(random(9))}`;
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
