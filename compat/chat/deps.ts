import type { ConnectionLimitDeps } from '../../lambdas/app/connection-limit.ts';
import type { Deps } from '../../lambdas/app/deps.ts';
import type { RateLimiter } from '../../lambdas/app/rate-limit.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import type { DialectId } from '../../lambdas/manifest/dialects.ts';
import type { Later } from '../../lambdas/ports/later.ts';
import type { Clock } from '../../lambdas/ports/runtime.ts';
import type { Authenticator } from '../../lambdas/ports/security.ts';
import type { Namespace } from '../../lambdas/ports/socketio.ts';
import type { Vocabulary } from '../dialects/vocabulary.ts';

/** What the chat needs besides the Server: the use cases' ports, and who says who somebody is. */
export interface ChatDeps extends Pick<
  Deps,
  | 'users'
  | 'rooms'
  | 'messages'
  | 'members'
  | 'sessions'
  | 'notifications'
  | 'gateway'
  | 'dialects'
  | 'audience'
  | 'memo'
  | 'log'
  | 'postman'
> {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly vocabularies: ReadonlyMap<Namespace, Vocabulary>;
  /** Whether clients may come back, and so need offsets. */
  readonly recovery: boolean;
  readonly later: Later;
  /** What clients may do. Absent: anything. */
  readonly limits?: ChatLimits;
}

export interface ChatLimits {
  readonly rates: RateLimiter;
  readonly connections: ConnectionLimitDeps;
  /** Whoever has done nothing for so long is sent away. */
  readonly idleMs: Millis;
}

/** One namespace of the chat. */
export interface Host {
  readonly deps: ChatDeps;
  readonly nsp: Namespace;
  readonly dialects: readonly DialectId[];
  readonly vocabulary: Vocabulary;
  readonly lobby: RoomId | undefined;
}
