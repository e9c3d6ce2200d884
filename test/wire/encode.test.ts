import { describe, expect, test } from 'vitest';

import type { Message } from '../../lambdas/domain/entities.ts';
import type { ErrorCode } from '../../lambdas/domain/errors.ts';
import type { DomainEvent, Reply } from '../../lambdas/domain/events.ts';
import type { MessageId, NotificationId, RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { messageId as idOf } from '../../lambdas/domain/message-id.ts';
import { againPoint, pagePoint } from '../../lambdas/domain/resume-point.ts';
import { API_GATEWAY, CHAT, RESUME } from '../../lambdas/manifest/limits.ts';
import { offsetAt, offsetOf } from '../../lambdas/domain/offset.ts';
import { encodeError, encodeReply, nativeDialect } from '../../lambdas/wire/encode.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const ISO = '2026-01-02T03:04:05.006Z';
const roomId = 'r1' as RoomId;
const userId = 'u1' as UserId;
const messageId = '01JABCDEFGHJKMNPQRSTVWXYZ0' as MessageId;
const noteId = messageId as string as NotificationId;

const message: Message = {
  id: messageId,
  roomId,
  sender: { id: userId, username: 'ann', email: 'ann@example.org' as never, displayName: 'Ann' },
  content: 'hi',
  messageType: 'text',
  createdAt: AT,
};
const bare: Message = { ...message, sender: { id: userId, username: 'ann' } };
const full = { replyTo: messageId, clientMessageId: 'c1' as never, context: { a: 1 } };

const parse = (frame: string | undefined): unknown => JSON.parse(frame ?? 'null');

describe('every event has its frame', () => {
  const events: readonly (readonly [DomainEvent, object])[] = [
    [
      { kind: 'message.created', message: { ...message, ...full } },
      {
        event: 'message.created',
        message: {
          id: messageId,
          roomId,
          sender: { id: userId, username: 'ann', displayName: 'Ann' },
          content: 'hi',
          messageType: 'text',
          replyTo: messageId,
          clientMessageId: 'c1',
          context: { a: 1 },
          createdAt: ISO,
        },
      },
    ],
    [
      { kind: 'message.created', message: bare },
      {
        event: 'message.created',
        message: {
          id: messageId,
          roomId,
          sender: { id: userId, username: 'ann' },
          content: 'hi',
          messageType: 'text',
          createdAt: ISO,
        },
      },
    ],
    [
      { kind: 'message.read', roomId, userId, messageId, readAt: AT },
      { event: 'message.read', roomId, userId, messageId, readAt: ISO },
    ],
    [
      { kind: 'typing.changed', roomId, userId, username: 'ann', isTyping: true },
      { event: 'typing.changed', roomId, userId, username: 'ann', isTyping: true },
    ],
    [
      { kind: 'room.joined', roomId, userId },
      { event: 'room.joined', roomId, userId },
    ],
    [
      { kind: 'room.joined', roomId, userId, at: AT },
      { event: 'room.joined', roomId, userId, offset: offsetAt(AT) },
    ],
    [
      { kind: 'room.left', roomId, userId },
      { event: 'room.left', roomId, userId },
    ],
    [
      { kind: 'presence.changed', userId, username: 'ann', isOnline: true, at: AT },
      { event: 'presence.changed', userId, username: 'ann', isOnline: true },
    ],
    [
      { kind: 'presence.changed', userId, username: 'ann', isOnline: false, at: AT },
      { event: 'presence.changed', userId, username: 'ann', isOnline: false, lastSeen: ISO },
    ],
    [
      {
        kind: 'notification.created',
        notification: { id: noteId, userId, payload: { t: 1 }, createdAt: AT },
      },
      { event: 'notification.created', notification: { id: noteId, payload: { t: 1 }, createdAt: ISO } },
    ],
    [
      {
        kind: 'notification.created',
        notification: { id: noteId, userId, payload: {}, createdAt: AT, readAt: AT },
      },
      {
        event: 'notification.created',
        notification: { id: noteId, payload: {}, createdAt: ISO, readAt: ISO },
      },
    ],
    [
      { kind: 'notification.read', userId, id: noteId, readAt: AT },
      { event: 'notification.read', notificationId: noteId, readAt: ISO },
    ],
  ];

  test.each(events)('%j', (event, frame) => {
    const offset = offsetOf(event);
    const whole = { ...frame, ...(offset === undefined ? {} : { offset }) };
    expect(parse(nativeDialect.encode(event))).toEqual(whole);
    expect(parse(encodeReply(event, 'q1'))).toEqual({ ...whole, id: 'q1' });
  });

  test('what can be told again says where it stands, the same in every frame', () => {
    const kinds = events.filter(([event]) => offsetOf(event) !== undefined).map(([{ kind }]) => kind);
    expect(new Set(kinds)).toEqual(new Set(['message.created', 'message.read', 'notification.created']));
  });

  test('pong', () => {
    expect(encodeReply({ kind: 'pong', at: AT }, 'q1')).toBe(`{"event":"pong","id":"q1","at":"${ISO}"}`);
    expect(encodeReply({ kind: 'pong', at: AT })).toBe(`{"event":"pong","at":"${ISO}"}`);
  });

  test('e-mail addresses of senders stay here', () => {
    const frames = [
      nativeDialect.encode({ kind: 'message.created', message }),
      encodeReply({ kind: 'history', roomId, messages: [message] }),
    ];
    expect(frames.join()).not.toContain('example.org');
  });
});

describe('history', () => {
  const page = (count: number, content: string): Message[] =>
    Array.from({ length: count }, (_, index) => ({
      ...bare,
      id: String(index).padStart(26, '0') as MessageId,
      content,
    }));

  test('carries the page and its cursor', () => {
    const reply: Reply = { kind: 'history', roomId, messages: page(2, 'x'), nextCursor: messageId };
    expect(parse(encodeReply(reply, 'q1'))).toMatchObject({
      event: 'history',
      id: 'q1',
      roomId,
      messages: [{ content: 'x' }, { content: 'x' }],
      nextCursor: messageId,
    });
    expect(parse(encodeReply({ kind: 'history', roomId, messages: [] }))).toEqual({
      event: 'history',
      roomId,
      messages: [],
    });
  });

  test('a page too big for one message of API Gateway is cut, and the cursor continues where it was cut', () => {
    const messages = page(CHAT.historyPage, 'é'.repeat(CHAT.contentChars));
    const frame = encodeReply({ kind: 'history', roomId, messages });
    const sent = parse(frame) as { messages: { id: string }[]; nextCursor: string };
    expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(API_GATEWAY.messageBytes);
    expect(sent.messages.length).toBe(6);
    expect(sent.nextCursor).toBe(sent.messages.at(-1)?.id);
  });

  test('the biggest message there can be fits, with the biggest envelope', () => {
    const worst = {
      content: '\u0001'.repeat(CHAT.contentChars),
      context: { x: '\u0001'.repeat(1_364) },
      clientMessageId: 'c'.repeat(64) as never,
    };
    const reply: Reply = {
      kind: 'history',
      roomId: 'r'.repeat(128) as RoomId,
      messages: [
        { ...message, ...worst },
        { ...message, ...worst },
      ],
    };
    const frame = encodeReply(reply, '\u0001'.repeat(64));
    expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(API_GATEWAY.messageBytes);
    expect(parse(frame)).toMatchObject({ messages: [{}], nextCursor: message.id });
  });
});

describe('resumed', () => {
  const idAt = (n: number) => idOf({ at: AT + n, requestId: 'r' }, roomId);
  const missed = (count: number, content: string) =>
    Array.from({ length: count }, (_, n) => {
      const created: Message = { ...bare, id: idAt(n), content, createdAt: AT + n };
      const event: DomainEvent = { kind: 'message.created', message: created };
      return { event, offset: offsetOf(event) ?? '' };
    });
  const resumed = (over: Partial<Extract<Reply, { kind: 'resumed' }>> = {}): Reply => ({
    kind: 'resumed',
    recovered: true,
    rooms: [{ roomId }],
    events: missed(2, 'x'),
    complete: true,
    offset: offsetAt(AT + 9),
    ...over,
  });

  test('carries the events as they are pushed, and when to look again', () => {
    const refused = { roomId: 'r2' as RoomId, refused: 'not_participant' } as const;
    const frame = encodeReply(resumed({ rooms: [{ roomId }, refused], began: AT }), 'q1');
    expect(parse(frame)).toEqual({
      event: 'resumed',
      id: 'q1',
      recovered: true,
      rooms: [
        { roomId, joined: true },
        { roomId: 'r2', joined: false, code: 'not_participant' },
      ],
      events: missed(2, 'x').map(({ event }) => parse(nativeDialect.encode(event))),
      offset: offsetAt(AT + 9),
      next: { after: againPoint(AT), inSeconds: RESUME.againSeconds },
    });
  });

  test('the second look is the last', () => {
    expect(parse(encodeReply(resumed({ events: [] })))).toEqual({
      event: 'resumed',
      recovered: true,
      rooms: [{ roomId, joined: true }],
      events: [],
      offset: offsetAt(AT + 9),
    });
  });

  test.each([undefined, AT])('where there are more it goes on after the last (began %s)', (began) => {
    const events = missed(2, 'x');
    const reply = resumed({ events, complete: false, ...(began === undefined ? {} : { began }) });
    expect(parse(encodeReply(reply))).toMatchObject({
      offset: events[1]?.offset,
      next: { after: pagePoint(events[1]?.offset ?? '', began), inSeconds: 0 },
    });
  });

  test('nobody is told to go on from later than where the second look begins', () => {
    const frame = encodeReply(resumed({ offset: offsetAt(AT), began: AT, complete: false }));
    expect(parse(frame)).toMatchObject({ offset: offsetAt(AT) });
  });

  test('what does not fit into one message of API Gateway comes with the next', () => {
    const events = missed(20, 'é'.repeat(CHAT.contentChars));
    const frame = encodeReply(resumed({ events, began: AT }));
    const sent = parse(frame) as { events: { offset: string }[]; offset: string; next: object };
    expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(API_GATEWAY.messageBytes);
    expect(sent.events).toHaveLength(6);
    expect(sent.offset).toBe(events[5]?.offset);
    expect(sent.next).toEqual({ after: pagePoint(sent.offset, AT), inSeconds: 0 });
  });

  test('the biggest event there can be fits beside the longest list of rooms', () => {
    const worst: Message = {
      ...message,
      content: '\u0001'.repeat(CHAT.contentChars),
      context: { x: '\u0001'.repeat(1_364) },
      clientMessageId: 'c'.repeat(64) as never,
    };
    const rooms = Array.from({ length: CHAT.roomsPerSession }, (_, n) => ({
      roomId: String(n).padStart(CHAT.idChars, 'r') as RoomId,
      refused: 'not_participant' as const,
    }));
    const events = [1, 2].map((n) => ({
      event: { kind: 'message.created', message: worst } as const,
      offset: offsetAt(AT + n),
    }));
    const frame = encodeReply(resumed({ rooms, events, began: AT }), '\u0001'.repeat(64));
    expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(API_GATEWAY.messageBytes);
    expect(parse(frame)).toMatchObject({ events: [{}], next: { inSeconds: 0 } });
  });
});

describe('errors', () => {
  test('say code, message and what else helps', () => {
    const info = { code: 'rate_limited', message: 'Slow down.', field: 'x', retryAfterSeconds: 3 } as const;
    expect(parse(encodeError(info, 'q1'))).toEqual({ event: 'error', id: 'q1', ...info });
    expect(encodeError({ code: 'not_found', message: 'No.' })).toBe(
      '{"event":"error","code":"not_found","message":"No."}',
    );
  });

  test.each<ErrorCode>(['internal', 'unavailable'])('%s never shows what went wrong inside', (code) => {
    expect(encodeError({ code, message: 'ECONNREFUSED 10.0.0.1 secret' })).not.toContain('secret');
  });
});
