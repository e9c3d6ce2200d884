import { describe, expect, test } from 'vitest';

import type { Email } from '../../lambdas/domain/ids.ts';
import { createInMemory } from '../support/in-memory.ts';
import { call, register } from './rest.ts';

const alice = {
  email: 'Alice@Example.com ',
  password: 'correct horse',
  username: ' alice ',
  displayName: 'Alice',
};

describe('POST /auth/register', () => {
  test('creates the user and answers with a token that works', async () => {
    const world = createInMemory();
    const answer = await call(world, '/auth/register', { body: alice });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      token: expect.any(String) as string,
      user: {
        id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
        email: 'alice@example.com',
        username: 'alice',
        displayName: 'Alice',
        createdAt: '2026-01-02T03:04:05.006Z',
      },
    });
    const me = await call(world, '/users/me', { token: answer.body.token });
    expect(me).toMatchObject({ status: 200, body: answer.body.user });
  });

  test('refuses an address that has an account, however it is written', async () => {
    const world = createInMemory();
    await call(world, '/auth/register', { body: alice });
    const answer = await call(world, '/auth/register', { body: { ...alice, email: 'ALICE@example.com' } });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'email_taken', field: 'email' } } });
  });

  test.each([
    ['email', { email: 'x' }],
    ['email', { email: undefined }],
    ['email', { email: ['alice@example.com'] }],
    ['password', { password: '1234567' }],
    ['password', { password: 'x'.repeat(257) }],
    ['username', { username: '' }],
    ['username', { username: '  ' }],
    ['username', { username: 'a\u0000b' }],
    ['displayName', { displayName: 'x'.repeat(129) }],
    ['displayName', { displayName: null }],
  ])('names %s when it is wrong', async (field, wrong) => {
    const answer = await call(createInMemory(), '/auth/register', { body: { ...alice, ...wrong } });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_field', field } } });
  });

  test('is throttled per source address, with the time to come back', async () => {
    const world = createInMemory({
      limits: { windowSeconds: 900, loginsPerEmail: 9, loginsPerAddress: 9, registrationsPerAddress: 1 },
    });
    const attempt = (username: string, sourceIp: string) =>
      call(world, '/auth/register', { body: { ...alice, email: `${username}@example.com` }, sourceIp });
    expect((await attempt('a', '192.0.2.1')).status).toBe(201);
    const refused = await attempt('b', '192.0.2.1');
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await attempt('c', '192.0.2.2')).status).toBe(201);
  });
});

describe('POST /auth/login', () => {
  test('answers like register, for the right password only', async () => {
    const world = createInMemory();
    const registered = await call(world, '/auth/register', { body: alice });
    const answer = await call(world, '/auth/login', {
      body: { email: ' alice@EXAMPLE.com', password: alice.password },
    });
    expect(answer).toMatchObject({ status: 200, body: { user: registered.body.user } });
    expect((await call(world, '/users/me', { token: answer.body.token })).status).toBe(200);
  });

  test('tells no difference between an unknown address and a wrong password', async () => {
    const world = createInMemory();
    await call(world, '/auth/register', { body: alice });
    const wrong = await call(world, '/auth/login', {
      body: { email: 'alice@example.com', password: 'wrong horse' },
    });
    const unknown = await call(world, '/auth/login', {
      body: { email: 'nobody@example.com', password: 'wrong horse' },
    });
    expect(wrong).toMatchObject({ status: 401, body: { error: { code: 'invalid_credentials' } } });
    expect([unknown.status, unknown.body]).toEqual([wrong.status, wrong.body]);
    expect([...unknown.headers]).toEqual([...wrong.headers]);
  });

  test('both need email and password', async () => {
    const world = createInMemory();
    const answer = await call(world, '/auth/login', { body: { email: 'alice@example.com' } });
    expect(answer.body).toEqual({
      error: { code: 'invalid_field', message: 'password is required.', field: 'password' },
    });
  });

  test('is throttled per e-mail address, known or not', async () => {
    const limits = {
      windowSeconds: 900,
      loginsPerEmail: 2,
      loginsPerAddress: 99,
      registrationsPerAddress: 9,
    };
    const world = createInMemory({ limits });
    await call(world, '/auth/register', { body: alice });
    for (const email of ['alice@example.com', 'nobody@example.com']) {
      const statuses = [];
      for (let n = 0; n < 3; n++)
        statuses.push((await call(world, '/auth/login', { body: { email, password: 'no' } })).status);
      expect(statuses).toEqual([401, 401, 429]);
    }
  });
});

test('a deployment without the built-in issuer has no accounts', async () => {
  const world = createInMemory({ accounts: false });
  for (const path of ['/auth/register', '/auth/login']) {
    expect(await call(world, path, { body: alice })).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
  }
});

test('GET /users/me: a token whose user does not exist any more is refused', async () => {
  const world = createInMemory();
  const gone = {
    id: '0123456789abcdef01234567' as never,
    username: 'gone',
    email: 'g@example.com' as Email,
    createdAt: 0,
  };
  const token = await world.deps.issuer.issue(gone);
  expect(await call(world, '/users/me', { token })).toMatchObject({
    status: 401,
    body: { error: { code: 'user_not_found' } },
  });
  expect((await register(world, 'bob')).id).not.toBe(gone.id);
});
