import { randomBytes } from 'node:crypto';

import type { Millis } from '../../lambdas/domain/entities.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';

/** Stands between session and random part of a recovery id; in neither of them. */
const SEPARATOR = '~';

/** 144 random bits: who knows a recovery id gets the socket. */
const RANDOM_BYTES = 18;
const PID = /^([\w-]{1,64})~[\w-]{24}$/;
const COUNTS = 36 ** 4;
/** A clock that is behind itself by more has been set. */
const WAVERING_MS = 1_000;
let last = { at: 0, count: 0 };

export function mintRecoveryId(sid: EngineId): string {
  return `${sid}${SEPARATOR}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
}

/** The session in which the socket of a recovery id began; undefined for what is no id of ours. */
export function sessionOf(pid: string): EngineId | undefined {
  return PID.exec(pid)?.[1] as EngineId | undefined;
}

/** In the layout of lambdas/domain/offset.ts: sorts by time, unique across instances. Clients return the last one they got. */
export function nextOffset(now: Millis): string {
  const at = last.at - now > WAVERING_MS ? now : Math.max(now, last.at);
  last = { at, count: at === last.at ? (last.count + 1) % COUNTS : 0 };
  const time = at.toString(36).padStart(9, '0');
  return `${time}-${last.count.toString(36).padStart(4, '0')}${randomBytes(4).toString('base64url')}`;
}
