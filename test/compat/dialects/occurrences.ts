import type { Email, MessageId, NotificationId, RoomId, UserId } from '../../../lambdas/domain/ids.ts';
import type { Occurrence } from '../../../compat/dialects/define-dialect.ts';

type Samples = { readonly [Kind in Occurrence['kind']]: readonly Extract<Occurrence, { kind: Kind }>[] };

const anna = 'anna' as UserId;
const roomId = '65f1c0de65f1c0de65f1c0de' as RoomId;
const messageId = '01HZX5M7QK4T9V2B8C6D3F1G0H' as MessageId;
const at = Date.UTC(2024, 5, 1, 12, 30);

/** Of everything that may happen, the cases a dialect may word differently. */
export const SAMPLES: Samples = {
  'session.connected': [{ kind: 'session.connected', user: { id: '5' as UserId, username: 'alice' } }],
  'error.raised': [
    {
      kind: 'error.raised',
      error: { code: 'not_participant', message: 'No such room, or you are not in it.' },
    },
  ],
  'message.created': [
    {
      kind: 'message.created',
      message: {
        id: messageId,
        roomId,
        sender: { id: anna, username: 'Anna', email: 'anna@example.com' as Email, displayName: 'Anna K.' },
        content: 'Bonjour !',
        messageType: 'text',
        context: { roomId, replyTo: 'message-id' },
        createdAt: at,
      },
    },
    {
      kind: 'message.created',
      message: {
        id: messageId,
        roomId,
        sender: { id: anna, username: 'Anna' },
        content: 'plan.pdf',
        messageType: 'file',
        createdAt: at,
      },
    },
  ],
  'message.read': [{ kind: 'message.read', roomId, userId: anna, messageId, readAt: at }],
  'typing.changed': [
    { kind: 'typing.changed', roomId, userId: anna, username: 'Anna', isTyping: true },
    { kind: 'typing.changed', roomId, userId: anna, username: 'Anna', isTyping: false },
  ],
  'presence.changed': [
    { kind: 'presence.changed', userId: anna, username: 'Anna', isOnline: true, at },
    { kind: 'presence.changed', userId: anna, username: 'Anna', isOnline: false, at },
  ],
  'room.joined': [{ kind: 'room.joined', roomId, userId: anna }],
  'room.left': [{ kind: 'room.left', roomId, userId: anna }],
  'notification.created': [
    {
      kind: 'notification.created',
      notification: {
        id: messageId as string as NotificationId,
        userId: anna,
        payload: { title: 'Neu' },
        createdAt: at,
      },
    },
  ],
  'notification.read': [
    { kind: 'notification.read', userId: anna, id: messageId as string as NotificationId, readAt: at },
  ],
};

export const OCCURRENCES: readonly Occurrence[] = Object.values(SAMPLES).flat();
