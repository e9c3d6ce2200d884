import type { Message, Millis, Notification } from './entities.ts';
import type { ErrorCode } from './errors.ts';
import type { MessageId, NotificationId, RoomId, UserId } from './ids.ts';

/** What happened, in no client's words. Dialects turn these into frames for one recipient. */
export type DomainEvent =
  | { readonly kind: 'message.created'; readonly message: Message }
  | {
      readonly kind: 'message.read';
      readonly roomId: RoomId;
      readonly userId: UserId;
      readonly messageId: MessageId;
      readonly readAt: Millis;
    }
  | {
      readonly kind: 'typing.changed';
      readonly roomId: RoomId;
      readonly userId: UserId;
      readonly username: string;
      readonly isTyping: boolean;
    }
  | {
      readonly kind: 'room.joined';
      readonly roomId: RoomId;
      readonly userId: UserId;
      /** From when on the connection hears the room; for clients that can ask for what came after. */
      readonly at?: Millis;
    }
  /** Also pushed to the connections of a participant who was removed. */
  | { readonly kind: 'room.left'; readonly roomId: RoomId; readonly userId: UserId }
  /** A user's first session came, or the last one ended. `at`: when; for the offline, when they were last seen. */
  | {
      readonly kind: 'presence.changed';
      readonly userId: UserId;
      readonly username: string;
      readonly isOnline: boolean;
      readonly at: Millis;
    }
  | { readonly kind: 'notification.created'; readonly notification: Notification }
  | {
      readonly kind: 'notification.read';
      readonly userId: UserId;
      readonly id: NotificationId;
      readonly readAt: Millis;
    };

export type EventKind = DomainEvent['kind'];

/** The answer to a command: the event it caused, or the data asked for. */
export type Reply =
  | DomainEvent
  | {
      readonly kind: 'history';
      readonly roomId: RoomId;
      readonly messages: readonly Message[];
      readonly nextCursor?: MessageId;
    }
  | {
      readonly kind: 'resumed';
      /** False: what was missed is not told, the client reads the history. */
      readonly recovered: boolean;
      readonly rooms: readonly ResumedRoom[];
      /** Oldest first. */
      readonly events: readonly { readonly offset: string; readonly event: DomainEvent }[];
      /** False when there are more. */
      readonly complete: boolean;
      /** From where on to ask the next time. */
      readonly offset: string;
      /** When the resume began, if the client is to look again. */
      readonly began?: Millis;
    }
  | { readonly kind: 'pong'; readonly at: Millis };

export interface ResumedRoom {
  readonly roomId: RoomId;
  /** Why it could not be joined. */
  readonly refused?: Extract<ErrorCode, 'not_participant' | 'forbidden'>;
}
