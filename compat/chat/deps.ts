import type { Deps } from '../../lambdas/app/deps.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import type { DialectId } from '../../lambdas/manifest/dialects.ts';
import type { Later } from '../../lambdas/ports/later.ts';
import type { Clock } from '../../lambdas/ports/runtime.ts';
import type { Authenticator } from '../../lambdas/ports/security.ts';
import type { Namespace, SocketIndex } from '../../lambdas/ports/socketio.ts';
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
> {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly sockets: Pick<SocketIndex, 'list'>;
  readonly vocabularies: ReadonlyMap<Namespace, Vocabulary>;
  /** Whether clients may come back, and so need offsets. */
  readonly recovery: boolean;
  /** Absent: nothing ends a typist's silence but the typist, and who leaves is offline at once. */
  readonly later?: Later;
}

/** One namespace of the chat. */
export interface Host {
  readonly deps: ChatDeps;
  readonly nsp: Namespace;
  /** All namespaces of the chat. */
  readonly namespaces: readonly Namespace[];
  readonly dialects: readonly DialectId[];
  readonly vocabulary: Vocabulary;
  readonly lobby: RoomId | undefined;
}
