/** The JSON shapes of things that frames and REST answers share. Instants are ISO 8601, e-mail addresses of others stay here. */
import type {
  JsonObject,
  Message,
  MessageType,
  Millis,
  Notification,
  Sender,
} from '../../domain/entities.ts';

export interface PersonJson {
  readonly id: string;
  readonly username: string;
  readonly displayName?: string;
}

export interface MessageJson {
  readonly id: string;
  readonly roomId: string;
  readonly sender: PersonJson;
  readonly content: string;
  readonly messageType: MessageType;
  readonly replyTo?: string;
  /** Sent to everybody: it is no secret, and other devices of the sender match their own sends with it. */
  readonly clientMessageId?: string;
  readonly context?: JsonObject;
  readonly createdAt: string;
}

export interface NotificationJson {
  readonly id: string;
  readonly payload: JsonObject;
  readonly createdAt: string;
  readonly readAt?: string;
}

export function toIso(at: Millis): string {
  return new Date(at).toISOString();
}

export function personJson(person: Omit<Sender, 'email'>): PersonJson {
  return {
    id: person.id,
    username: person.username,
    ...(person.displayName === undefined ? {} : { displayName: person.displayName }),
  };
}

export function messageJson(message: Message): MessageJson {
  return {
    id: message.id,
    roomId: message.roomId,
    sender: personJson(message.sender),
    content: message.content,
    messageType: message.messageType,
    ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo }),
    ...(message.clientMessageId === undefined ? {} : { clientMessageId: message.clientMessageId }),
    ...(message.context === undefined ? {} : { context: message.context }),
    createdAt: toIso(message.createdAt),
  };
}

export function notificationJson(notification: Notification): NotificationJson {
  return {
    id: notification.id,
    payload: notification.payload,
    createdAt: toIso(notification.createdAt),
    ...(notification.readAt === undefined ? {} : { readAt: toIso(notification.readAt) }),
  };
}
