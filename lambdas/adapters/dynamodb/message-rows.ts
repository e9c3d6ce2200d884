import type { Json, Message, MessageType, Millis, Sender } from '../../domain/entities.ts';
import type { ClientMessageId, Email, MessageId, RoomId, UserId } from '../../domain/ids.ts';
import { idIn, key, type Key } from './keys.ts';
import type { Row } from './write.ts';

/** MESSAGES#r / m */
export interface MessageRow extends Key {
  readonly senderId: UserId;
  readonly username: string;
  readonly email?: Email;
  readonly displayName?: string;
  readonly content: string;
  readonly messageType: MessageType;
  readonly replyTo?: MessageId;
  readonly clientMessageId?: ClientMessageId;
  /** JSON text, not a map: DynamoDB numbers reach 1E+125 only, a client's JSON need not. */
  readonly context?: string;
  readonly createdAt: Millis;
  /** toldAt */
  readonly t?: Millis;
  /** toldUntil */
  readonly l?: Millis;
  /** turn */
  readonly o?: string;
}

export function messageRow(message: Message): Row {
  const { id, roomId, sender, context, toldAt, toldUntil, turn, ...rest } = message;
  const { id: senderId, username, email, displayName } = sender;
  return {
    ...key.message(roomId, id),
    senderId,
    username,
    email,
    displayName,
    ...rest,
    context: context && JSON.stringify(context),
    t: toldAt,
    l: toldUntil,
    o: turn,
  };
}

export function messageOf(row: MessageRow): Message {
  return {
    id: row.sk as MessageId,
    roomId: idIn(row.pk) as RoomId,
    sender: senderOf(row),
    content: row.content,
    messageType: row.messageType,
    ...(row.replyTo === undefined ? {} : { replyTo: row.replyTo }),
    ...(row.clientMessageId === undefined ? {} : { clientMessageId: row.clientMessageId }),
    ...(row.context === undefined
      ? {}
      : { context: JSON.parse(row.context) as { readonly [key: string]: Json } }),
    createdAt: row.createdAt,
    ...(row.t === undefined ? {} : { toldAt: row.t }),
    ...(row.l === undefined ? {} : { toldUntil: row.l }),
    ...(row.o === undefined ? {} : { turn: row.o }),
  };
}

function senderOf(row: MessageRow): Sender {
  return {
    id: row.senderId,
    username: row.username,
    ...(row.email === undefined ? {} : { email: row.email }),
    ...(row.displayName === undefined ? {} : { displayName: row.displayName }),
  };
}
