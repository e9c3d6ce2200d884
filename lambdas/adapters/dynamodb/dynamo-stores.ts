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
import type { Table } from './table.ts';
import { createThrottleStore } from './throttle.ts';
import { createUserStore } from './users.ts';

export interface Stores {
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

/** All stores on one table. A handler that needs two of them imports those two: its bundle stays smaller. */
export function createDynamoStores(table: Table): Stores {
  return {
    users: createUserStore(table),
    rooms: createRoomStore(table),
    messages: createMessageStore(table),
    members: createMemberStore(table),
    sessions: createSessionStore(table),
    notifications: createNotificationStore(table),
    throttle: createThrottleStore(table),
    presence: createPresenceStore(table),
    buckets: createBucketStore(table),
    mail: createMailStore(table),
  };
}
