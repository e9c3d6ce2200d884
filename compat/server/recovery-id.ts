import { randomBytes } from 'node:crypto';

import type { Millis } from '../../lambdas/domain/entities.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';

/** Stands between session and random part of a recovery id; in neither of them. */
export const RECOVERY_SEPARATOR = '~';

const PID = /^([\w-]{1,64})~[\w-]{20}$/;
const OFFSET = /^[0-9a-z]{9}-[0-9a-z]{4}[\w-]{6}$/;
const COUNTS = 36 ** 4;
let last = { at: 0, count: 0 };

/** The session in which the socket of a recovery id began; undefined for what is no id of ours. */
export function sessionOf(pid: string): EngineId | undefined {
  return PID.exec(pid)?.[1] as EngineId | undefined;
}

/** Text that sorts by time, unique across instances: clients return the last one they got. */
export function nextOffset(now: Millis): string {
  const at = Math.max(now, last.at);
  last = { at, count: at === last.at ? (last.count + 1) % COUNTS : 0 };
  const time = at.toString(36).padStart(9, '0');
  return `${time}-${last.count.toString(36).padStart(4, '0')}${randomBytes(4).toString('base64url')}`;
}

/** Clients return any last argument that is a string, so what comes back may be no offset at all. */
export function isOffset(text: string): boolean {
  return OFFSET.test(text);
}
