import { describe, expect, test } from 'vitest';

import { CausewayError } from '../../lambdas/domain/errors.ts';
import { REST } from '../../lambdas/manifest/limits.ts';
import { createInMemory } from '../support/in-memory.ts';
import { call, createRoom, register } from './rest.ts';

const LOGIN = { email: 'a@example.com', password: 'x' };

describe('tokens', () => {
  test.each([
    ['token_missing', {}],
    ['token_missing', { authorization: '' }],
    ['token_missing', { authorization: 'Basic YTpi' }],
    ['token_missing', { authorization: 'Bearer ' }],
    ['token_invalid', { authorization: 'Bearer x.y.z' }],
    ['token_invalid', { authorization: 'bearer not-a-token' }],
  ])('%s for %j, with the scheme to use', async (code, headers) => {
    const answer = await call(createInMemory(), '/users/me', { headers });
    expect(answer).toMatchObject({ status: 401, body: { error: { code } } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('token_expired once it ran out', async () => {
    const world = createInMemory();
    const { token } = await register(world, 'alice');
    world.clock.at += 3600_000 + 31_000;
    expect(await call(world, '/users/me', { token })).toMatchObject({
      status: 401,
      body: { error: { code: 'token_expired' } },
    });
  });

  test('the token is asked for before anything is read', async () => {
    const answer = await call(createInMemory(), '/chat/rooms', { body: '{' });
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'token_missing' } } });
  });
});

describe('bodies', () => {
  const login = (body: unknown, headers: Record<string, string> = {}) =>
    call(createInMemory(), '/auth/login', { body, headers });

  test.each(['', '{', 'null', '[]', '"x"', '{"email":}'])('not a JSON object: %j', async (body) => {
    expect(await login(body)).toMatchObject({ status: 400, body: { error: { code: 'invalid_json' } } });
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
    'sent as %s',
    async (type) => {
      expect(await login(LOGIN, { 'content-type': type })).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_json' } },
      });
    },
  );

  test('a charset in the content type does no harm', async () => {
    expect((await login(LOGIN, { 'content-type': 'Application/JSON; charset=utf-8' })).status).toBe(401);
  });

  test('a body without a content type is refused', async () => {
    const response = await createInMemory().rest.request('/auth/login', { method: 'POST' });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'invalid_json' } },
    ]);
  });

  test('a body of 256 KB is read, one byte more is not; bytes, not characters', async () => {
    const padded = (bytes: number) => {
      const json = JSON.stringify({ ...LOGIN, pad: '' });
      return json.replace(
        '"pad":""',
        `"pad":"${'é'.repeat((bytes - json.length) / 2)}${(bytes - json.length) % 2 ? 'x' : ''}"`,
      );
    };
    expect((await login(padded(REST.bodyBytes))).status).toBe(401);
    expect(await login(padded(REST.bodyBytes + 1))).toMatchObject({
      status: 413,
      body: { error: { code: 'too_large' } },
    });
    expect((await login(' '.repeat(REST.bodyBytes + 1))).status).toBe(413);
  });

  test('prototype keys and broken Unicode are refused wherever they stand', async () => {
    for (const body of ['{"__proto__":{"admin":true}}', '{"a":{"constructor":1}}', '{"a":"\\ud800"}']) {
      expect(await login(body)).toMatchObject({ status: 400, body: { error: { code: 'invalid_field' } } });
    }
  });
});

describe('paths', () => {
  test.each([
    '/',
    '/nope',
    '/api',
    '/api/nope',
    '/chat',
    '/chat/rooms/',
    '/api/api/health',
    '/users/me/x',
    '//health',
  ])('%s is not found', async (path) => {
    expect(await call(createInMemory(), path)).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
  });

  test('a path asked in another method says which it has', async () => {
    const world = createInMemory();
    for (const [method, path, allow] of [
      ['GET', '/auth/login', 'POST'],
      ['PUT', '/chat/rooms', 'GET, POST'],
      ['PATCH', '/api/chat/rooms/r1/messages', 'GET, POST'],
      ['GET', '/chat/rooms/r1/participants/u1', 'DELETE'],
    ] as const) {
      const answer = await call(world, path, { method });
      expect(answer).toMatchObject({ status: 405, body: { error: { code: 'unknown_action' } } });
      expect(answer.headers.get('allow')).toBe(allow);
    }
  });

  test('everything answers below /api too', async () => {
    const world = createInMemory();
    const alice = await register(world, 'alice');
    const roomId = await createRoom(world, alice);
    for (const path of [
      '/users/me',
      '/chat/rooms',
      `/chat/rooms/${roomId}`,
      '/notifications',
      '/health',
      '/openapi.json',
    ]) {
      const [plain, prefixed] = [
        await call(world, path, { token: alice.token }),
        await call(world, `/api${path}`, { token: alice.token }),
      ];
      expect(plain.status).toBe(200);
      expect(prefixed.body).toEqual(plain.body);
    }
  });

  test('GET /health needs nothing', async () => {
    expect(await call(createInMemory(), '/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });
});

describe('what goes wrong inside', () => {
  const failing = (fault: unknown) => {
    const world = createInMemory();
    return createInMemory({ users: { ...world.deps.users, account: () => Promise.reject(fault) } });
  };

  test('is internal, says nothing, and is logged', async () => {
    const world = failing(new Error('secret text'));
    const answer = await call(world, '/auth/login', { body: LOGIN });
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'error', code: 'internal' }));
  });

  test('is 503 when it is AWS', async () => {
    const answer = await call(
      failing(new CausewayError('unavailable', 'ProvisionedThroughputExceeded')),
      '/auth/login',
      { body: LOGIN },
    );
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect(JSON.stringify(answer.body)).not.toContain('Throughput');
  });
});

test('logs hold no tokens, passwords or content', async () => {
  const world = createInMemory();
  const alice = await register(world, 'alice');
  const roomId = await createRoom(world, alice);
  await call(world, `/chat/rooms/${roomId}/messages`, { token: alice.token, body: { content: 'a secret' } });
  await call(world, '/auth/login', { body: { email: alice.email, password: 'wrong-password' } });
  const logged = JSON.stringify(world.logs);
  for (const secret of [alice.token, 'alice-password', 'wrong-password', 'a secret', alice.email])
    expect(logged).not.toContain(secret);
  expect(world.logs.length).toBeGreaterThan(3);
});

describe('every answer', () => {
  test('is for no cache and of no guessed type', async () => {
    const world = createInMemory();
    const answers = [
      await call(world, '/health'),
      await call(world, '/nope'),
      await call(world, '/health', { method: 'POST' }),
      await call(world, '/users/me'),
      await call(world, '/auth/login', { body: '{' }),
      await call(world, '/health', { method: 'OPTIONS' }),
    ];
    for (const { headers } of answers) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(answers[0]?.headers.get('content-type')).toMatch(/^application\/json/);
  });
});

describe('other origins', () => {
  const preflight = (corsOrigins: readonly string[], origin: string) =>
    call(createInMemory({ corsOrigins }), '/chat/rooms', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  test('a preflight needs no token and names methods and headers', async () => {
    const { status, headers } = await preflight(['https://app.example'], 'https://app.example');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(headers.get('access-control-allow-methods')).toBe('GET,POST,DELETE');
    expect(headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    expect(headers.get('access-control-max-age')).toBe('600');
  });

  test.each([[['https://app.example']], [[]]])(
    'an origin that is not among %j gets no permission',
    async (origins) => {
      const { headers } = await preflight(origins, 'https://evil.example');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  test('* lets any page call, refusals included, without cookies', async () => {
    const answer = await call(createInMemory({ corsOrigins: ['*'] }), '/users/me', {
      headers: { origin: 'https://any.example' },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after');
  });
});
