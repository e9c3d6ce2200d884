import type { JsonObject, MessageType } from './entities.ts';
import type { ClientMessageId, MessageId, RoomId } from './ids.ts';
import type { ResumePoint } from './resume-point.ts';

/** What a client may ask for over a socket, whatever its dialect. */
export type Command =
  | { readonly kind: 'room.join'; readonly roomId: RoomId }
  | { readonly kind: 'room.leave'; readonly roomId: RoomId }
  | SendCommand
  | { readonly kind: 'typing.set'; readonly roomId: RoomId; readonly isTyping: boolean }
  | { readonly kind: 'message.read'; readonly roomId: RoomId; readonly messageId: MessageId }
  | HistoryCommand
  | ResumeCommand
  | { readonly kind: 'ping' };

export interface SendCommand {
  readonly kind: 'message.send';
  readonly roomId: RoomId;
  readonly content: string;
  readonly messageType: MessageType;
  readonly replyTo?: MessageId;
  readonly clientMessageId?: ClientMessageId;
  readonly context?: JsonObject;
}

export interface HistoryCommand {
  readonly kind: 'history.read';
  readonly roomId: RoomId;
  readonly limit: number;
  /** Only messages older than this one. */
  readonly before?: MessageId;
}

export interface ResumeCommand {
  readonly kind: 'session.resume';
  /** At most CHAT.roomsPerSession. */
  readonly roomIds: readonly RoomId[];
  /** Absent: joins only. */
  readonly after?: ResumePoint;
}
