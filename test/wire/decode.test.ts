import { describe, expect, test } from 'vitest';

import { offsetAt } from '../../lambdas/domain/offset.ts';
import { againPoint } from '../../lambdas/domain/resume-point.ts';
import { decodeFrame } from '../../lambdas/wire/decode.ts';
import { API_GATEWAY, CHAT } from '../../lambdas/manifest/limits.ts';
import { commandOf, refusalOf } from './decoded.ts';

const MESSAGE = '01JABCDEFGHJKMNPQRSTVWXYZ0';
const nested = (levels: number): string => '{"x":'.repeat(levels) + '1' + '}'.repeat(levels);

describe('a valid frame becomes its command', () => {
  test.each([
    ['join', { action: 'join', roomId: 'r' }, { kind: 'room.join', roomId: 'r' }],
    ['leave', { action: 'leave', roomId: 'r' }, { kind: 'room.leave', roomId: 'r' }],
    [
      'send with defaults',
      { action: 'send', roomId: 'r', content: 'hi' },
      { kind: 'message.send', roomId: 'r', content: 'hi', messageType: 'text' },
    ],
    [
      'send with everything',
      {
        action: 'send',
        roomId: 'r',
        content: 'hi',
        messageType: 'image',
        replyTo: MESSAGE,
        clientMessageId: 'c-1',
        context: { a: [1, { b: null }] },
      },
      {
        kind: 'message.send',
        roomId: 'r',
        content: 'hi',
        messageType: 'image',
        replyTo: MESSAGE,
        clientMessageId: 'c-1',
        context: { a: [1, { b: null }] },
      },
    ],
    [
      'typing',
      { action: 'typing', roomId: 'r', isTyping: false },
      { kind: 'typing.set', roomId: 'r', isTyping: false },
    ],
    [
      'read',
      { action: 'read', roomId: 'r', messageId: MESSAGE },
      { kind: 'message.read', roomId: 'r', messageId: MESSAGE },
    ],
    [
      'history with defaults',
      { action: 'history', roomId: 'r' },
      { kind: 'history.read', roomId: 'r', limit: 50 },
    ],
    [
      'history with everything',
      { action: 'history', roomId: 'r', limit: 100, before: MESSAGE },
      { kind: 'history.read', roomId: 'r', limit: 100, before: MESSAGE },
    ],
    ['ping', { action: 'ping' }, { kind: 'ping' }],
    ['resume, the first time', { action: 'resume', rooms: [] }, { kind: 'session.resume', roomIds: [] }],
    [
      'resume',
      { action: 'resume', rooms: ['r', 's'], after: offsetAt(5) },
      { kind: 'session.resume', roomIds: ['r', 's'], after: { kind: 'offset', at: 5 } },
    ],
    [
      'resume as the server said',
      { action: 'resume', rooms: ['r'], after: againPoint(5) },
      { kind: 'session.resume', roomIds: ['r'], after: { kind: 'again', began: 5 } },
    ],
  ])('%s', (_name, frame, command) => {
    expect(commandOf(frame)).toEqual(command);
  });

  test('unknown fields are ignored', () => {
    expect(commandOf({ action: 'join', roomId: 'r', userId: 'somebody else', kind: 'x' })).toEqual({
      kind: 'room.join',
      roomId: 'r',
    });
  });

  test('content of exactly 10,000 characters and of characters outside the BMP passes', () => {
    for (const content of ['x'.repeat(CHAT.contentChars), '😀'.repeat(CHAT.contentChars / 2), ' ']) {
      expect(commandOf({ action: 'send', roomId: 'r', content })).toMatchObject({ content });
    }
  });
});

describe('request ids', () => {
  test('are kept, with the command', () => {
    expect(decodeFrame('{"action":"ping","id":"q1"}')).toEqual({
      ok: true,
      value: { command: { kind: 'ping' }, id: 'q1', replyAlways: true },
    });
  });

  test.each([['', 5, null, {}, 'x'.repeat(CHAT.requestIdChars + 1)]].flat())(
    '%j is refused and not echoed',
    (id) => {
      expect(refusalOf({ action: 'ping', id })).toEqual({
        code: 'invalid_field',
        field: 'id',
        message: 'id must be 1 to 64 characters long.',
      });
    },
  );

  test.each([
    { action: 'nope' },
    { action: 'join' },
    { action: 'join', roomId: 'r', x: { ['__proto__']: 1 } },
    {},
  ])('are echoed in the refusal of %j', (frame) => {
    const text = JSON.stringify({ ...frame, id: 'q1' });
    expect(decodeFrame(text)).toMatchObject({ ok: false, error: { id: 'q1' } });
  });
});

test('only typing does without an answer', () => {
  const replyAlways = (frame: object) => decodeFrame(JSON.stringify(frame));
  expect(replyAlways({ action: 'typing', roomId: 'r', isTyping: true })).toMatchObject({
    value: { replyAlways: false },
  });
  expect(replyAlways({ action: 'read', roomId: 'r', messageId: MESSAGE })).toMatchObject({
    value: { replyAlways: true },
  });
});

describe('what is not a JSON object is refused', () => {
  test.each(['', ' ', 'hello', '{', '2probe', '{"action":"ping"', "{'action':'ping'}", '['.repeat(100_000)])(
    'text %#',
    (text) => {
      expect(refusalOf(text)).toEqual({ code: 'invalid_json', message: 'Not valid JSON.' });
    },
  );

  test.each(['null', '3', '40', '"ping"', 'true', '[]', '[{"action":"ping"}]'])('%s', (text) => {
    expect(refusalOf(text)).toEqual({ code: 'invalid_json', message: 'A JSON object is expected.' });
  });

  test('a message longer than API Gateway carries', () => {
    const text = JSON.stringify({ action: 'ping', x: 'x'.repeat(API_GATEWAY.messageBytes) });
    expect(refusalOf(text)).toMatchObject({ code: 'too_large' });
  });
});

describe('actions', () => {
  test.each(['nope', '', 'JOIN', 'constructor', 'toString', '__proto__', '$connect'])(
    '%j is unknown',
    (action) => {
      expect(refusalOf({ action })).toMatchObject({ code: 'unknown_action', field: 'action' });
    },
  );

  test.each([5, null, ['ping'], { ping: 1 }, true])('%j is of the wrong type', (action) => {
    expect(refusalOf({ action })).toMatchObject({
      code: 'invalid_field',
      message: 'action must be a string.',
    });
  });

  test('a frame without one says so', () => {
    expect(refusalOf({ roomId: 'r' })).toEqual({
      code: 'invalid_field',
      field: 'action',
      message: 'action is required.',
    });
  });
});

describe('a wrong field is named', () => {
  const send = { action: 'send', roomId: 'r', content: 'x' };
  test.each([
    ['roomId', { action: 'join' }, 'roomId is required.'],
    ['roomId', { action: 'join', roomId: 5 }, 'roomId must be a string.'],
    ['roomId', { action: 'join', roomId: null }, 'roomId must be a string.'],
    ['roomId', { action: 'join', roomId: '' }, /must be 1 to 128/],
    ['roomId', { action: 'join', roomId: '../x' }, /must be 1 to 128/],
    ['roomId', { action: 'join', roomId: 'a#b' }, /must be 1 to 128/],
    ['roomId', { action: 'join', roomId: 'x'.repeat(129) }, /must be 1 to 128/],
    ['roomId', { action: 'join', roomId: 'r\n' }, /must be 1 to 128/],
    ['roomId', { action: 'leave', roomId: ['r'] }, 'roomId must be a string.'],
    ['content', { ...send, content: '' }, 'content must be 1 to 10000 characters long.'],
    ['content', { ...send, content: 'x'.repeat(10_001) }, 'content must be 1 to 10000 characters long.'],
    ['content', { ...send, content: { toString: 1 } }, 'content must be a string.'],
    ['messageType', { ...send, messageType: 'video' }, 'messageType must be one of text, image, file.'],
    ['messageType', { ...send, messageType: null }, 'messageType must be one of text, image, file.'],
    ['replyTo', { ...send, replyTo: '5' }, 'replyTo must be a message id.'],
    ['replyTo', { ...send, replyTo: MESSAGE.toLowerCase() }, 'replyTo must be a message id.'],
    ['clientMessageId', { ...send, clientMessageId: 'a b' }, /must be 1 to 64/],
    ['context', { ...send, context: [] }, 'context must be an object.'],
    ['context', { ...send, context: 'x' }, 'context must be an object.'],
    ['context', { ...send, context: { x: 'é'.repeat(4096) } }, 'context must be at most 8192 bytes of JSON.'],
    ['isTyping', { action: 'typing', roomId: 'r' }, 'isTyping is required.'],
    ['isTyping', { action: 'typing', roomId: 'r', isTyping: 'yes' }, 'isTyping must be true or false.'],
    ['messageId', { action: 'read', roomId: 'r' }, 'messageId is required.'],
    ['limit', { action: 'history', roomId: 'r', limit: 0 }, /whole number/],
    ['limit', { action: 'history', roomId: 'r', limit: 101 }, /whole number/],
    ['limit', { action: 'history', roomId: 'r', limit: 1.5 }, /whole number/],
    ['limit', { action: 'history', roomId: 'r', limit: '5' }, /whole number/],
    ['before', { action: 'history', roomId: 'r', before: null }, 'before must be a string.'],
    ['rooms', { action: 'resume' }, 'rooms is required.'],
    ['rooms', { action: 'resume', rooms: 'r' }, 'rooms must be an array of room ids.'],
    ['rooms.1', { action: 'resume', rooms: ['r', '#'] }, /must be 1 to 128/],
    ['rooms', { action: 'resume', rooms: Array.from({ length: 101 }, () => 'r') }, /at most 100 rooms/],
    ['after', { action: 'resume', rooms: [], after: '' }, 'after must be an offset that the server gave.'],
    ['after', { action: 'resume', rooms: [], after: 5 }, 'after must be an offset that the server gave.'],
    ['after', { action: 'resume', rooms: [], after: null }, 'after must be an offset that the server gave.'],
  ])('%s (case %#)', (field, frame, message) => {
    expect(refusalOf(frame)).toEqual({
      code: 'invalid_field',
      field,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('hostile content is refused wherever it stands', () => {
  const inSend = (extra: string) => `{"action":"send","roomId":"r","content":"x",${extra}}`;
  test.each([
    ['"__proto__":{"admin":true}', '__proto__'],
    ['"constructor":1', 'constructor'],
    ['"prototype":1', 'prototype'],
    ['"context":{"a":{"__proto__":{}}}', 'context.a.__proto__'],
    ['"ignored":[1,{"constructor":{}}]', 'ignored.1.constructor'],
    ['"\\u005f_proto__":1', '__proto__'],
  ])('prototype keys: %s', (extra, field) => {
    expect(refusalOf(inSend(extra))).toEqual({
      code: 'invalid_field',
      field,
      message: `${field} is not an allowed key.`,
    });
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  test.each([
    ['"context":{"a":"\\ud800"}', 'context.a', 'holds text that is not valid Unicode'],
    ['"context":{"a":"\\udc00\\ud800"}', 'context.a', 'holds text that is not valid Unicode'],
    ['"\\udfff":1', '\udfff', 'is a key that is not valid Unicode'],
  ])('lone surrogates: %s', (extra, field, problem) => {
    expect(refusalOf(inSend(extra))).toEqual({
      code: 'invalid_field',
      field,
      message: `${field} ${problem}.`,
    });
  });

  test('a lone surrogate in the content', () => {
    expect(refusalOf('{"action":"send","roomId":"r","content":"a\\ud83d"}')).toMatchObject({
      field: 'content',
    });
  });

  test('nesting deeper than 16 levels, where 16 still pass', () => {
    // The frame itself is the first level.
    expect(commandOf(inSend(`"context":${nested(15)}`))).toMatchObject({ kind: 'message.send' });
    expect(refusalOf(inSend(`"context":${nested(16)}`))).toMatchObject({
      code: 'invalid_field',
      message: expect.stringMatching(/nested deeper than 16 levels/) as string,
    });
    expect(refusalOf(inSend(`"bomb":${'['.repeat(50_000)}${']'.repeat(50_000)}`))).toMatchObject({
      code: 'invalid_field',
    });
  });

  test('the path that is echoed stays short', () => {
    const refusal = refusalOf(inSend(`"${'k'.repeat(5_000)}":{"__proto__":1}`));
    expect(refusal.field).toHaveLength(120);
  });
});
