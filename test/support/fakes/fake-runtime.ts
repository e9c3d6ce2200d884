import type { Millis } from '../../../lambdas/domain/entities.ts';
import type { RoomId, SessionId, UserId } from '../../../lambdas/domain/ids.ts';
import { objectId } from '../../../lambdas/domain/object-id.ts';
import type { Clock, Ids, Log, LogFields } from '../../../lambdas/ports/runtime.ts';

/** Stands still until it is moved. */
export function createFixedClock(at: Millis): Clock & { advance(ms: number): void } {
  let now = at;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
}

/** Counts instead of rolling dice: the n-th id of a run is always the same. */
export function createSeededIds(): Ids {
  let count = 0;
  const random = () =>
    new Uint8Array(8)
      .fill(0)
      .with(7, (count += 1) % 256)
      .with(6, count >> 8);
  return {
    user: (at) => objectId(at, random()) as UserId,
    room: (at) => objectId(at, random()) as RoomId,
    session: () => `session-${String((count += 1)).padStart(20, '0')}` as SessionId,
  };
}

export interface RecordingLog extends Log {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[];
  /** Messages of one level. */
  at(level: 'debug' | 'info' | 'warn' | 'error'): readonly string[];
}

export function createRecordingLog(): RecordingLog {
  const lines: RecordingLog['lines'] = [];
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields });
  return {
    lines,
    at: (level) => lines.filter((line) => line.level === level).map(({ message }) => message),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}
