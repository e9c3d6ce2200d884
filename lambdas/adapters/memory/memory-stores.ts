import type { Millis } from '../../domain/entities.ts';
import type {
  MemberStore,
  MessageStore,
  NotificationStore,
  RoomStore,
  SessionStore,
  ThrottleStore,
  UserStore,
} from '../../ports/stores.ts';
import type { BucketStore } from '../../ports/buckets.ts';
import type { MailStore } from '../../ports/mail.ts';
import type { PresenceStore } from '../../ports/presence.ts';
import { createBucketStore } from './buckets.ts';
import { createMailStore } from './mail.ts';
import { createMemberStore } from './members.ts';
import { createMessageStore } from './messages.ts';
import { createNotificationStore } from './notifications.ts';
import { createPresenceStore } from './presence.ts';
import { createRoomStore } from './rooms.ts';
import { createSessionStore } from './sessions.ts';
import { createState } from './state.ts';
import { createThrottleStore } from './throttle.ts';
import { createUserStore } from './users.ts';

export interface MemoryStores {
  readonly users: UserStore;
  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly members: MemberStore;
  readonly sessions: SessionStore;
  readonly notifications: NotificationStore;
  readonly throttle: ThrottleStore;
  readonly presence: PresenceStore;
  readonly buckets: BucketStore;
  readonly mail: MailStore;
}

/**
 * The reference implementation of the store ports, on one state in memory: what the ports say, with nothing of
 * DynamoDB. Every call takes effect, all of it, before its promise is returned, so each is atomic and every read is strong.
 * `now` (default: the system's clock) serves the calls that do not bring their own instant.
 */
export function createMemoryStores(clock: { readonly now: () => Millis } = { now: Date.now }): MemoryStores {
  const state = createState();
  return {
    users: createUserStore(state),
    rooms: createRoomStore(state),
    messages: createMessageStore(state),
    members: createMemberStore(state),
    sessions: createSessionStore(state, clock.now),
    notifications: createNotificationStore(state),
    throttle: createThrottleStore(state),
    presence: createPresenceStore(state),
    buckets: createBucketStore(state),
    mail: createMailStore(state),
  };
}
