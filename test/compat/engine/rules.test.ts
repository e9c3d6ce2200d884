import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { corsHeaders, preflightHeaders } from '../../../compat/engine/cors.ts';
import { newSession } from '../../../compat/engine/handshake.ts';
import { fitsMessage } from '../../../compat/engine/message-size.ts';
import { minuteOf, RING_ALPHABET, ringCount, ringOf, servedByRings } from '../../../compat/engine/ring.ts';
import { arrivalOf } from '../../../compat/engine/poll-token.ts';
import { mintEngineId, mintPollToken, parseEngineId } from '../../../compat/engine/session-id.ts';
import { verifyPoll, verifyPollingHandshake, verifyRequest } from '../../../compat/engine/verify.ts';
import type { EngineId } from '../../../lambdas/ports/socketio.ts';

const random = (count: number) => new Uint8Array(count).fill(255);

describe('rings', () => {
  test.each([
    [300, 1],
    [60_000, 1],
    [90_000, 1],
    [240_000, 4],
    [500_000, 8],
    [1e9, 64],
  ])('an interval of %i ms makes %i', (interval, count) => {
    expect(ringCount(interval)).toBe(count);
    expect(servedByRings(interval)).toBe(interval >= 60_000);
  });

  test('a session’s ring is due every so many minutes from its first, and never between', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(1e9), fc.nat(200), (rings, born, later) => {
        const due = ringOf(born, rings) === ringOf(born + later, rings);
        expect(due).toBe(later % rings === 0);
      }),
    );
  });

  test('minutes before 1970 have a ring too', () => {
    expect(ringOf(-1, 4)).toBe('D');
  });
});

describe('session ids', () => {
  test('begin with the ring of the minute they were minted in, and are parsed again', () => {
    fc.assert(
      fc.property(fc.nat(2e12), fc.uint8Array({ minLength: 18, maxLength: 18 }), (at, bytes) => {
        const sid = mintEngineId(() => bytes, at, 240_000);
        expect(sid[0]).toBe(ringOf(minuteOf(at), 4));
        expect(parseEngineId(sid)).toBe(sid);
      }),
    );
  });

  test.each([undefined, '', 'a'.repeat(23), 'a'.repeat(25), `${'a'.repeat(23)}#`, `${'a'.repeat(24)}\n`])(
    '%j is none',
    (text) => expect(parseEngineId(text)).toBeUndefined(),
  );

  test('carry their randomness in the rest: more than 128 bits', () => {
    expect(mintEngineId(random, 0, 240_000)).toBe(`${RING_ALPHABET[0]}${'_'.repeat(23)}`);
    expect(mintPollToken(random, 36)).toBe(`10-${'_'.repeat(12)}`);
  });

  test('a poll’s name says when it came', () => {
    expect(arrivalOf(mintPollToken(random, 1_731_324_924_561))).toBe(1_731_324_924_561);
  });
});

describe('requests are checked in the stock server’s order', () => {
  test.each([
    [{}, {}, 0],
    [{ transport: 'webtransport' }, {}, 0],
    [{ transport: 'toString' }, {}, 0],
    [{ transport: 'polling' }, { origin: 'https://\u0000' }, 3],
    [{ transport: 'polling' }, { origin: 'https://é.example\t' }, undefined],
    [{ transport: 'websocket' }, {}, undefined],
  ])('%j with headers %j: %s', (query, headers, code) => {
    expect(verifyRequest({ query: query, headers: headers })?.code).toBe(code);
  });

  test.each([
    ['POST', { transport: 'websocket' }, 2],
    ['GET', { transport: 'websocket', EIO: '4' }, 3],
    ['GET', { transport: 'polling' }, 5],
    ['GET', { transport: 'polling', EIO: '3' }, 5],
    ['GET', { transport: 'polling', EIO: '4' }, undefined],
  ])('a handshake %s %j: %s', (method, query, code) => {
    expect(verifyPollingHandshake({ method, query })?.code).toBe(code);
  });

  test.each([
    [{ transport: 'polling', EIO: '4' }, 'polling', undefined],
    [{ transport: 'polling', EIO: '4' }, 'websocket', 3],
    [{ transport: 'websocket', EIO: '4' }, 'polling', 3],
    [{ transport: 'websocket', EIO: '4' }, 'websocket', 3],
    [{ transport: 'polling', EIO: '3' }, 'polling', 3],
    [{ transport: 'polling' }, 'polling', 3],
  ] as const)('a poll %j of a %s session: %s', (query, transport, code) => {
    expect(verifyPoll(query, transport)?.code).toBe(code);
  });
});

describe('cors', () => {
  const asked = { origin: 'https://a', 'access-control-request-headers': 'authorization' };

  test('is off without origins', () => {
    expect(corsHeaders({ origins: [], credentials: true }, asked)).toEqual({});
  });
  test('reflects a listed origin, and says nothing of another', () => {
    const cors = { origins: ['https://a', 'https://b'], credentials: true };
    expect(corsHeaders(cors, asked)).toEqual({
      'Access-Control-Allow-Origin': 'https://a',
      'Access-Control-Allow-Credentials': 'true',
      Vary: 'Origin',
    });
    expect(corsHeaders({ ...cors, credentials: false }, { origin: 'https://c' })).toEqual({ Vary: 'Origin' });
    expect(corsHeaders({ ...cors, credentials: false }, {})).toEqual({ Vary: 'Origin' });
  });
  test('any origin is *, unless credentials need its name', () => {
    expect(corsHeaders({ origins: ['*'], credentials: false }, asked)).toEqual({
      'Access-Control-Allow-Origin': '*',
    });
    expect(corsHeaders({ origins: ['*'], credentials: true }, asked)).toMatchObject({
      'Access-Control-Allow-Origin': 'https://a',
    });
  });
  test('a preflight echoes the headers asked for', () => {
    expect(preflightHeaders({ origins: ['https://a'], credentials: false }, asked)).toEqual({
      'Access-Control-Allow-Origin': 'https://a',
      Vary: 'Origin, Access-Control-Request-Headers',
      'Access-Control-Allow-Methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
      'Access-Control-Allow-Headers': 'authorization',
      'Content-Length': '0',
    });
    expect(preflightHeaders({ origins: ['*'], credentials: false }, {})).toEqual({
      'Access-Control-Allow-Origin': '*',
      Vary: 'Access-Control-Request-Headers',
      'Access-Control-Allow-Methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
      'Content-Length': '0',
    });
  });
});

describe('handshakes', () => {
  const request = { query: {}, url: '/', address: '' };
  test.each([
    [{}, true],
    [{ 'x-forwarded-proto': 'http' }, false],
    [{ 'x-forwarded-proto': 'https' }, true],
    [{ 'cloudfront-forwarded-proto': 'http', 'x-forwarded-proto': 'https' }, false],
  ])('%j is secure: %s', (headers, secure) => {
    const session = newSession(
      's' as EngineId,
      { ...request, headers: headers },
      { transport: 'polling', openedAt: 1 },
    );
    expect(session.handshake.secure).toBe(secure);
    expect(session).toMatchObject({ base64: false, openedAt: 1, seenAt: 1 });
  });
});

describe('message size', () => {
  test.each([
    ['x'.repeat(131_072), true],
    ['x'.repeat(131_073), false],
    ['é'.repeat(65_536), true],
    ['é'.repeat(65_537), false],
    ['€'.repeat(43_690), true],
    ['€'.repeat(43_691), false],
  ])('is counted in bytes', (text, fits) => {
    expect(fitsMessage(text)).toBe(fits);
  });
});
