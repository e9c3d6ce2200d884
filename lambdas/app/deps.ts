import type { MembershipMemo } from './membership-memo.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { Audience } from '../ports/audience.ts';
import type { Dialects } from '../ports/dialect.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Postman } from '../ports/mail.ts';
import type { Clock, Ids, Log } from '../ports/runtime.ts';
import type { PasswordHasher, TokenIssuer } from '../ports/security.ts';
import type {
  MemberStore,
  MessageStore,
  NotificationStore,
  RoomStore,
  SessionStore,
  ThrottleStore,
  UserStore,
} from '../ports/stores.ts';

/**
 * Everything use cases need from outside, wired once per function instance. Each use case takes only the part it names:
 * `Pick<Deps, …>`.
 */
export interface Deps {
  readonly users: UserStore;
  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly members: MemberStore;
  readonly sessions: SessionStore;
  readonly notifications: NotificationStore;
  readonly throttle: ThrottleStore;
  readonly gateway: Gateway;
  /** Socket.IO sockets; everything that connections are told, they are told too. */
  readonly audience: Audience;
  readonly dialects: Dialects;
  /** Absent where an invocation tells everybody itself, and whom it can't tell is not told. */
  readonly postman?: Postman;
  /** Absent where nobody asks how long something took. */
  readonly clock?: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly hasher: PasswordHasher;
  readonly issuer: TokenIssuer;
  readonly memo: MembershipMemo;
  /** What clients may do, over all instances. */
  readonly rates: RateLimiter;
  /** Usually THROTTLE of manifest/limits.ts, or what the deployment overrides. */
  readonly limits: ThrottleLimits;
}

/** Attempts per window; see THROTTLE in manifest/limits.ts for the meaning and the defaults. */
export interface ThrottleLimits {
  readonly windowSeconds: number;
  readonly loginsPerEmail: number;
  readonly loginsPerAddress: number;
  readonly registrationsPerAddress: number;
}
