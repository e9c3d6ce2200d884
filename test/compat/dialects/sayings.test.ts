import { expect, test } from 'vitest';

import { dialects } from '../../../compat/dialects/dialects.ts';
import type { Dialect } from '../../../compat/dialects/index.ts';
import { wordOf } from '../../../compat/dialects/word-of.ts';
import type { DialectId } from '../../../lambdas/manifest/dialects.ts';
import { DIALECTS } from '../../../lambdas/manifest/dialects.ts';
import { OCCURRENCES } from './occurrences.ts';

const id = '01HZX5M7QK4T9V2B8C6D3F1G0H';
const room = '65f1c0de65f1c0de65f1c0de';
const time = '2024-06-01T12:30:00.000Z';
const refused = ['error', { message: 'No such room, or you are not in it.' }];

/** What each dialect makes of the samples, in their order; what it says nothing of is left out. */
const SAID: Readonly<Record<DialectId, readonly unknown[]>> = {
  fama: [
    ['connected', { message: 'Successfully connected', user: { user_id: 5, username: 'alice' } }],
    refused,
  ],
  messenger: [
    refused,
    [
      'message',
      { id, message: 'Bonjour !', timestamp: time, context: { roomId: room, replyTo: 'message-id' } },
    ],
    ['message', { id, message: 'plan.pdf', timestamp: time }],
    ['userTyping', { userId: 'anna', username: 'Anna', isTyping: true }],
    ['userTyping', { userId: 'anna', username: 'Anna', isTyping: false }],
    ['userStatus', { userId: 'anna', username: 'Anna', isOnline: true }],
    ['userStatus', { userId: 'anna', username: 'Anna', isOnline: false, lastSeen: time }],
  ],
  rooms: [
    refused,
    [
      'message',
      {
        id,
        roomId: room,
        sender: { _id: 'anna', email: 'anna@example.com', displayName: 'Anna K.' },
        content: 'Bonjour !',
        createdAt: time,
      },
    ],
    ['message', { id, roomId: room, sender: { _id: 'anna' }, content: 'plan.pdf', createdAt: time }],
    ['user_typing', { userId: 'anna', roomId: room }],
  ],
  chats: [
    refused,
    [
      'message:new',
      {
        id,
        chat_id: room,
        sender_id: 'anna',
        content: 'Bonjour !',
        message_type: 'text',
        created_at: time,
        sender: { id: 'anna', username: 'Anna', email: 'anna@example.com', displayName: 'Anna K.' },
      },
    ],
    [
      'message:new',
      {
        id,
        chat_id: room,
        sender_id: 'anna',
        content: 'plan.pdf',
        message_type: 'file',
        created_at: time,
        sender: { id: 'anna', username: 'Anna' },
      },
    ],
    ['message:read', { messageId: id, chatId: room, userId: 'anna' }],
    ['typing:start', { chatId: room, userId: 'anna', username: 'Anna' }],
    ['typing:stop', { chatId: room, userId: 'anna' }],
    ['user:status', { userId: 'anna', status: 'online' }],
    ['user:status', { userId: 'anna', status: 'offline' }],
    ['chat:joined', { chatId: room }],
    ['chat:left', { chatId: room }],
  ],
  notifications: [
    refused,
    ['notification.new', { title: 'Neu', id, createdAt: time }],
    ['notification.read', { id, readAt: time }],
  ],
};

test.each(DIALECTS)('%s says this and nothing else', (id) => {
  const dialect: Dialect = dialects[id];
  const said = OCCURRENCES.map((occurrence) => wordOf(dialect, occurrence)).filter(
    (word) => word !== undefined,
  );
  // Nothing is said as a field that is undefined: JSON would drop it, a Socket.IO client on the server's side would not.
  expect(said).toStrictEqual(SAID[id]);
});
