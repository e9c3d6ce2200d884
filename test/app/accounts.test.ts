import { describe, expect, test } from 'vitest';

import { getMe } from '../../lambdas/app/get-me.ts';
import { login } from '../../lambdas/app/login.ts';
import { register } from '../../lambdas/app/register.ts';
import type { Email, UserId } from '../../lambdas/domain/ids.ts';
import { THROTTLE } from '../../lambdas/manifest/limits.ts';
import { createWorld, identity, NOW, userId, type World } from '../support/fakes/world.ts';

const ANNA = {
  email: ' Anna@Example.com',
  password: 'correct horse',
  username: ' anna ',
  address: '192.0.2.1',
  at: NOW,
};
const credentials = (over: object = {}) => ({
  email: ANNA.email,
  password: ANNA.password,
  address: ANNA.address,
  at: NOW,
  ...over,
});
const limits = { ...THROTTLE, loginsPerEmail: 3, loginsPerAddress: 5, registrationsPerAddress: 2 };

async function worldWithAnna(): Promise<World> {
  const world = createWorld({ limits });
  await register(world, ANNA);
  world.hasher.work.length = 0;
  return world;
}

describe('registering', () => {
  test('makes an account that can sign in, under the cleaned-up names', async () => {
    const world = createWorld();
    const { token, user } = await register(world, { ...ANNA, displayName: ' Anna N. ' });

    expect(user).toStrictEqual({
      id: user.id,
      email: 'anna@example.com',
      username: 'anna',
      displayName: 'Anna N.',
      createdAt: NOW,
    });
    expect(token).toBe(`token of ${user.id}`);
    expect(await world.users.get(user.id)).toEqual(user);
    expect(await login(world, credentials())).toEqual({ token, user });
  });

  test('stores a hash, never the password', async () => {
    const world = createWorld();
    await register(world, ANNA);
    expect(await world.users.account('anna@example.com' as Email)).toMatchObject({
      passwordHash: 'hash(correct horse)',
    });
  });

  test('refuses an address that has an account, in any spelling', async () => {
    const world = await worldWithAnna();
    await expect(register(world, { ...ANNA, email: 'ANNA@example.COM' })).rejects.toMatchObject({
      code: 'email_taken',
      field: 'email',
    });
  });

  test.each([
    ['email', { email: 'anna' }],
    ['password', { password: 'short' }],
    ['username', { username: ' ' }],
    ['displayName', { displayName: 'a\nb' }],
  ])('refuses a wrong %s before it counts, hashes or stores anything', async (field, over) => {
    const world = createWorld({ limits: { ...limits, registrationsPerAddress: 1 } });
    await expect(register(world, { ...ANNA, ...over })).rejects.toMatchObject({
      code: 'invalid_field',
      field,
    });
    expect(world.hasher.work).toEqual([]);
    await expect(register(world, ANNA)).resolves.toBeDefined();
  });

  test('is limited per source address, before the hash', async () => {
    const world = await worldWithAnna();
    await register(world, { ...ANNA, email: 'b@example.com' });
    world.hasher.work.length = 0;

    await expect(register(world, { ...ANNA, email: 'c@example.com' })).rejects.toMatchObject({
      code: 'rate_limited',
    });

    expect(world.hasher.work).toEqual([]);
    await expect(
      register(world, { ...ANNA, email: 'c@example.com', address: '192.0.2.2' }),
    ).resolves.toBeDefined();
  });
});

describe('signing in', () => {
  test('an unknown address and a wrong password cost the same work and get the same answer', async () => {
    const world = await worldWithAnna();
    const refusal = (over: object) => login(world, credentials(over)).catch((error: unknown) => error);

    const wrong = await refusal({ password: 'wrong horse' });
    const unknown = await refusal({ email: 'nobody@example.com' });
    const nonsense = await refusal({ email: '#' });

    expect(wrong).toMatchObject({ code: 'invalid_credentials' });
    expect(unknown).toEqual(wrong);
    expect(nonsense).toEqual(wrong);
    expect(world.hasher.work).toEqual(['verify', 'verify', 'verify']);
  });

  test('is limited per e-mail address whatever the source address, before the hash', async () => {
    const world = await worldWithAnna();
    for (const address of ['1', '2', '3']) await login(world, credentials({ address }));
    world.hasher.work.length = 0;

    await expect(login(world, credentials({ address: '4' }))).rejects.toMatchObject({ code: 'rate_limited' });

    expect(world.hasher.work).toEqual([]);
  });

  test('is limited per source address whatever the e-mail address', async () => {
    const world = await worldWithAnna();
    for (const name of ['a', 'b', 'c', 'd', '#']) {
      await expect(login(world, credentials({ email: `${name}@x.com` }))).rejects.toMatchObject({
        code: 'invalid_credentials',
      });
    }
    await expect(login(world, credentials())).rejects.toMatchObject({ code: 'rate_limited' });
    await expect(login(world, credentials({ address: '192.0.2.9' }))).resolves.toBeDefined();
  });

  test('says when to come back, and then lets in', async () => {
    const world = await worldWithAnna();
    const windowMs = limits.windowSeconds * 1000;
    const start = Math.ceil(NOW / windowMs) * windowMs;
    for (const at of [start, start + 1, start + 2]) await login(world, credentials({ at }));

    await expect(login(world, credentials({ at: start + 60_001 }))).rejects.toMatchObject({
      retryAfterSeconds: limits.windowSeconds - 60,
    });
    await expect(login(world, credentials({ at: start + windowMs }))).resolves.toBeDefined();
  });

  test('an account whose profile is missing does not sign in', async () => {
    const world = await worldWithAnna();
    const broken = { ...world, users: { ...world.users, get: async () => undefined } };
    await expect(login(broken, credentials())).rejects.toMatchObject({ code: 'invalid_credentials' });
  });
});

describe('who am I', () => {
  test('the stored profile', async () => {
    const world = createWorld();
    const { user } = await register(world, ANNA);
    expect(await getMe(world, { identity: identity('other', { userId: user.id }), at: NOW })).toEqual(user);
  });

  test('a deleted user of the built-in issuer is nobody', async () => {
    const deleted = identity('x', { userId: 'gone' as UserId });
    await expect(getMe(createWorld(), { identity: deleted, at: NOW })).rejects.toMatchObject({
      code: 'user_not_found',
    });
  });

  test('an external user who never connected is who the token says', async () => {
    const external = identity('zoe', { builtIn: false, role: 'freelance' });
    expect(await getMe(createWorld(), { identity: external, at: NOW })).toStrictEqual({
      id: userId('zoe'),
      username: 'zoe',
      role: 'freelance',
      createdAt: NOW,
    });
  });
});
