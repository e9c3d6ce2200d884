import type { FanOut } from '../adapter/fan-out.ts';
import type { Acks } from './acks.ts';
import type { Pending } from './pending.ts';

/** What emitting to other sockets needs; of an invocation, or of the instance for work that no invocation started. */
export interface Effects {
  readonly work: Pending;
  readonly fanOut: FanOut;
  readonly acks: Acks;
}
