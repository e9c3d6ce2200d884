/**
 * What must and must not compile; `npm run types` is what checks it. Each `@ts-expect-error` is an error if the line below
 * it compiles.
 */
import type { Server, Socket as ServerSocket } from 'socket.io';
import type { Socket } from 'socket.io-client';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';

import type { Dialect } from '../../../compat/dialects/define-dialect.ts';
import { NOTHING, defineDialect } from '../../../compat/dialects/define-dialect.ts';
import type { Ack, chats, fama, messenger, notifications, rooms } from 'causeway/dialects';
import { dialects } from '../../../compat/dialects/dialects.ts';
import { roomIdField } from '../../../lambdas/wire/json/fields.ts';
import type { DialectId } from '../../../lambdas/manifest/dialects.ts';

type PayloadOf<Handler> = Handler extends (payload: infer Payload, ...rest: never[]) => void
  ? Payload
  : never;

describe('each dialect exports its events', () => {
  test('fama: told who one is, says nothing', () => {
    expectTypeOf<keyof fama.ClientToServerEvents>().toBeNever();
    expectTypeOf<keyof fama.ServerToClientEvents>().toEqualTypeOf<'connected' | 'error'>();
    expectTypeOf<PayloadOf<fama.ServerToClientEvents['connected']>['user']>().toEqualTypeOf<{
      user_id: number | string;
      username: string;
    }>();
  });

  test('messenger', () => {
    expectTypeOf<keyof messenger.ClientToServerEvents>().toEqualTypeOf<'message' | 'typing'>();
    expectTypeOf<PayloadOf<messenger.ClientToServerEvents['typing']>>().toEqualTypeOf<boolean>();
    expectTypeOf<{
      message: string;
      context: { roomId: string; replyTo: string; mood: { is: 'good' } };
    }>().toExtend<PayloadOf<messenger.ClientToServerEvents['message']>>();
    expectTypeOf<PayloadOf<messenger.ServerToClientEvents['userStatus']>>().toEqualTypeOf<{
      userId: string;
      username: string;
      isOnline: boolean;
      lastSeen?: string;
    }>();
  });

  test('rooms, with what its document reserves', () => {
    expectTypeOf<keyof rooms.ClientToServerEvents>().toEqualTypeOf<'join_room' | 'send_message' | 'typing'>();
    expectTypeOf<keyof rooms.ServerToClientEvents>().toEqualTypeOf<
      'message' | 'user_typing' | 'error' | 'file_uploaded' | 'file_unlocked'
    >();
    expectTypeOf<PayloadOf<rooms.ServerToClientEvents['file_uploaded']>>().toBeUnknown();
    expectTypeOf<PayloadOf<rooms.ServerToClientEvents['message']>>().toEqualTypeOf<{
      id: string;
      roomId: string;
      sender: { _id: string; email?: string; displayName?: string };
      content: string;
      createdAt: string;
    }>();
  });

  test('chats', () => {
    type Send = PayloadOf<chats.ClientToServerEvents['message:send']>;
    expectTypeOf<{ chatId: string; content: string }>().toExtend<Send>();
    expectTypeOf<NonNullable<Send['messageType']>>().toEqualTypeOf<'text' | 'image' | 'file'>();
    expectTypeOf<PayloadOf<chats.ServerToClientEvents['user:status']>['status']>().toEqualTypeOf<
      'online' | 'offline'
    >();
    expectTypeOf<PayloadOf<chats.ServerToClientEvents['message:read']>>().toEqualTypeOf<{
      messageId: string;
      chatId: string;
      userId: string;
    }>();
  });

  test('notifications', () => {
    expectTypeOf<PayloadOf<notifications.ClientToServerEvents['notification.read']>>().toEqualTypeOf<{
      id: string;
    }>();
    expectTypeOf<PayloadOf<notifications.ServerToClientEvents['notification.new']>>().toExtend<{
      id: unknown;
    }>();
  });
});

test('they are what socket.io’s type parameters take, on the client', () => {
  type ChatSocket = Socket<
    chats.ServerToClientEvents & fama.ServerToClientEvents,
    chats.ClientToServerEvents
  >;
  const use = (socket: ChatSocket) => {
    socket.emit('chat:join', { chatId: 'c' });
    socket.emit('message:send', { chatId: 'c', content: 'hi' }, (answer) => {
      expectTypeOf(answer).toEqualTypeOf<Ack>();
      if (answer.ok === true) expectTypeOf(answer['id']).toBeUnknown();
      else expectTypeOf(answer.error.code).toBeString();
    });
    socket.on('message:new', (message) => expectTypeOf(message.sender.username).toBeString());
    socket.on('connected', ({ user }) => expectTypeOf(user.username).toBeString());
    // @ts-expect-error -- no such event
    socket.emit('chat:joined', { chatId: 'c' });
    // @ts-expect-error -- a field is missing
    socket.emit('message:send', { chatId: 'c' });
    // @ts-expect-error -- a field of another type
    socket.emit('chat:join', { chatId: 5 });
    // @ts-expect-error -- no such type of message
    socket.emit('message:send', { chatId: 'c', content: 'x', messageType: 'video' });
    // @ts-expect-error -- the client is not told this
    socket.on('message:send', () => undefined);
    // @ts-expect-error -- the payload has no such field
    socket.on('chat:left', ({ roomId }) => roomId);
  };
  expect(use).toBeTypeOf('function');
});

test('and on a server of one’s own', () => {
  type Io = Server<rooms.ClientToServerEvents, rooms.ServerToClientEvents>;
  const use = (io: Io, socket: ServerSocket<rooms.ClientToServerEvents, rooms.ServerToClientEvents>) => {
    socket.on('send_message', ({ roomId, content }) => expectTypeOf(roomId + content).toBeString());
    io.to('r').emit('user_typing', { userId: 'u', roomId: 'r' });
    // @ts-expect-error -- a field is missing
    io.to('r').emit('user_typing', { userId: 'u' });
  };
  expect(use).toBeTypeOf('function');
});

describe('a dialect with a gap does not compile', () => {
  const silence = {
    'session.connected': NOTHING,
    'error.raised': NOTHING,
    'message.created': NOTHING,
    'message.read': NOTHING,
    'typing.changed': NOTHING,
    'presence.changed': NOTHING,
    'room.joined': NOTHING,
    'room.left': NOTHING,
    'notification.created': NOTHING,
    'notification.read': NOTHING,
  };
  const head = { id: 'chats', document: '', title: '', autoJoins: { rooms: false, lobby: false } } as const;
  const left = { about: '', payload: v.object({ chatId: v.string(), at: v.string() }) };
  const room = v.object({ chatId: roomIdField });

  test('none', () => {
    const whole = defineDialect({
      ...head,
      receives: {
        leave: { about: '', payload: room, means: ({ chatId }) => ({ kind: 'room.leave', roomId: chatId }) },
      },
      sends: { left },
      says: { ...silence, 'room.left': ({ roomId }) => ['left', { chatId: roomId, at: '' }] },
    });
    expectTypeOf(whole).toExtend<Dialect>();
  });

  test('an occurrence forgotten', () => {
    const { 'room.left': _forgotten, ...says } = silence;
    // @ts-expect-error -- nothing is decided for room.left
    defineDialect({ ...head, receives: {}, sends: { left }, says });
  });

  test('an event said that is not in the table', () => {
    defineDialect({
      ...head,
      receives: {},
      sends: { left },
      // @ts-expect-error -- “gone” has no schema
      says: { ...silence, 'room.left': ({ roomId }) => ['gone', { chatId: roomId, at: '' }] },
    });
  });

  test('a field forgotten in what is said', () => {
    defineDialect({
      ...head,
      receives: {},
      sends: { left },
      // @ts-expect-error -- the schema promises `at`
      says: { ...silence, 'room.left': ({ roomId }) => ['left', { chatId: roomId }] },
    });
  });

  test('an event without a schema or a description', () => {
    // @ts-expect-error -- no payload
    defineDialect({ ...head, receives: {}, sends: { left: { about: '' } }, says: silence });
    // @ts-expect-error -- no about
    defineDialect({ ...head, receives: {}, sends: { left: { payload: room } }, says: silence });
  });

  test('an event without a meaning', () => {
    // @ts-expect-error -- no means
    defineDialect({ ...head, receives: { leave: { about: '', payload: room } }, sends: {}, says: silence });
  });

  test('a meaning that forgets a field, or takes one that was not checked', () => {
    defineDialect({
      ...head,
      // @ts-expect-error -- which room?
      receives: { leave: { about: '', payload: room, means: () => ({ kind: 'room.leave' }) } },
      sends: {},
      says: silence,
    });
    defineDialect({
      ...head,
      receives: {
        // @ts-expect-error -- the payload has no roomId
        leave: { about: '', payload: room, means: ({ roomId }) => ({ kind: 'room.leave', roomId }) },
      },
      sends: {},
      says: silence,
    });
    defineDialect({
      ...head,
      receives: {
        leave: {
          about: '',
          payload: v.object({ chatId: v.string() }),
          // @ts-expect-error -- any text, not a checked room id
          means: ({ chatId }) => ({ kind: 'room.leave', roomId: chatId }),
        },
      },
      sends: {},
      says: silence,
    });
  });

  test('a dialect that is not registered', () => {
    const { chats: _forgotten, ...others } = dialects;
    // @ts-expect-error -- chats is missing
    const registry = others satisfies Record<DialectId, Dialect>;
    expect(Object.keys(registry)).toHaveLength(4);
  });
});
