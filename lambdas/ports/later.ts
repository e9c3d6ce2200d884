import type { Millis } from '../domain/entities.ts';
import type { RoomId, UserId } from '../domain/ids.ts';

/** What is looked at again after a while; always checked against the state of then, so doing it twice is harmless. */
export type LaterTask =
  /** Ten seconds of silence end a typist's `typing:start`, unless it was stopped or repeated since `startedAt`. */
  | {
      readonly kind: 'typing.expire';
      readonly sid: string;
      readonly namespace: string;
      readonly roomId: RoomId;
      readonly startedAt: Millis;
      /** Who types. */
      readonly userId: UserId;
      readonly username: string;
    }
  /** A session of a user came or ended at `at`; one that crashed may have. Whether the others are to be told is seen then. */
  | { readonly kind: 'presence.settle'; readonly userId: UserId; readonly at: Millis };

/** A queue with a delay (SQS). At least once; a task may come late, never early by more than a second. */
export interface Later {
  /** `delaySeconds` 0–900. Rejects with CausewayError('unavailable'). */
  schedule(task: LaterTask, delaySeconds: number): Promise<void>;
}
