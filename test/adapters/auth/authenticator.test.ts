import fc from 'fast-check';
import type { JWTPayload } from 'jose';
import { describe, expect, test } from 'vitest';
import { createAuthenticator } from '../../../lambdas/adapters/auth/authenticator.ts';
import { createTokenIssuer, verifyHs256 } from '../../../lambdas/adapters/auth/hs256.ts';
import { systemClock } from '../../../lambdas/adapters/system/clock.ts';
import type { Email, UserId } from '../../../lambdas/domain/ids.ts';
import {
  builtInClaims,
  externalClaims,
  fixedSecret,
  forge,
  forgeHmac,
  ISSUER,
  jwks,
  keys,
  SECRET,
  seconds,
  sign,
} from './tokens.ts';

const clock = systemClock;
const issuers = [{ issuer: ISSUER, audience: 'chat', jwks }];
const authenticator = createAuthenticator({ secret: fixedSecret, issuers, clock });
const refused = (code: string, message: string) => ({ name: 'CausewayError', code, message });
const MISSING = refused('token_missing', 'Token missing');
const INVALID = refused('token_invalid', 'Token invalid');
const EXPIRED = refused('token_expired', 'Token expired');

describe('tokens of the built-in issuer', () => {
  test('what it issues it verifies', async () => {
    const issuer = createTokenIssuer({ secret: fixedSecret, clock, ttlSeconds: 60 });
    const token = await issuer.issue({
      id: '65f0c0ffee65f0c0ffee65f0' as UserId,
      username: 'anna',
      email: 'a@example.org' as Email,
      displayName: 'Anna',
      role: 'admin',
      createdAt: 0,
    });
    const identity = await authenticator.verify(`Bearer ${token}`);
    expect(identity).toMatchObject({
      userId: '65f0c0ffee65f0c0ffee65f0',
      username: 'anna',
      email: 'a@example.org',
      displayName: 'Anna',
      role: 'admin',
      builtIn: true,
    });
    expect(identity.expiresAt % 1_000).toBe(0);
  });

  test.each([undefined, '', '   ', 'Bearer', 'Bearer   ', 'bearer '])('no token: %j', async (token) => {
    await expect(authenticator.verify(token)).rejects.toMatchObject(MISSING);
  });

  test('expired, with 30 s of leeway', async () => {
    const expiredFor = async (age: number) =>
      authenticator.verify(await sign(builtInClaims({ exp: seconds() - age })));
    await expect(expiredFor(20)).resolves.toMatchObject({ userId: 'anna' });
    await expect(expiredFor(40)).rejects.toMatchObject(EXPIRED);
  });

  test('an expired token with a wrong signature is invalid, not expired', async () => {
    const token = forgeHmac({ alg: 'HS256' }, builtInClaims({ exp: 1 }), 'another key');
    await expect(authenticator.verify(token)).rejects.toMatchObject(INVALID);
  });

  test.each([
    ['wrong audience', { aud: 'other' }],
    ['no audience', { aud: undefined }],
    ['not yet valid', { nbf: seconds() + 120 }],
    ['never expiring', { exp: undefined }],
    ['without a user', { sub: undefined }],
    ['with a user id that would break keys', { sub: 'a#b' }],
    ['with a user id that is a path', { sub: '../etc' }],
    ['with an empty user id', { sub: '' }],
    ['with a huge user id', { sub: 'x'.repeat(200) }],
    ['of another issuer', { iss: 'elsewhere' }],
    ['of no issuer', { iss: undefined }],
  ])('%s', async (_, claims) => {
    await expect(authenticator.verify(await sign(builtInClaims(claims as JWTPayload)))).rejects.toMatchObject(
      INVALID,
    );
  });

  test('signed with another secret', async () => {
    const token = forgeHmac({ alg: 'HS256' }, builtInClaims(), `${SECRET}!`);
    await expect(authenticator.verify(token)).rejects.toMatchObject(INVALID);
  });

  test.each([
    ['none', forge({ alg: 'none' }, builtInClaims())],
    ['NONE', forge({ alg: 'NONE' }, builtInClaims())],
    ['no algorithm', forge({}, builtInClaims())],
    ['unsigned HS256', forge({ alg: 'HS256' }, builtInClaims())],
    ['HS512 with the right secret', forgeHmac({ alg: 'HS512' }, builtInClaims(), SECRET)],
    ['hs256', forgeHmac({ alg: 'hs256' }, builtInClaims(), SECRET)],
    ['RS256 label on our HMAC', forgeHmac({ alg: 'RS256', kid: 'rsa' }, builtInClaims(), SECRET)],
    ['unknown critical header', forgeHmac({ alg: 'HS256', crit: ['x'], x: 1 }, builtInClaims(), SECRET)],
    ['an algorithm that is not text', forge({ alg: ['HS256'] }, builtInClaims())],
    ['garbage', 'not a token'],
    ['two parts', 'a.b'],
    ['four parts', 'a.b.c.d'],
    ['parts that are not JSON', 'YQ.YQ.YQ'],
    ['huge', `${'a'.repeat(1_000_000)}.b.c`],
  ])('hostile: %s', async (_, token) => {
    await expect(authenticator.verify(token)).rejects.toMatchObject(INVALID);
  });

  test('longer than 8 KB, however genuine', async () => {
    const token = await sign(builtInClaims({ extra: 'x'.repeat(8 * 1024) }));
    await expect(authenticator.verify(token)).rejects.toMatchObject(INVALID);
  });

  test('the verifier itself pins algorithm and expiry, whoever calls it', async () => {
    const verify = (token: string) => verifyHs256(token, { secret: fixedSecret, clock });
    await expect(verify(await sign(builtInClaims(), undefined, { alg: 'HS384' }))).rejects.toMatchObject(
      INVALID,
    );
    await expect(
      verify(await sign(builtInClaims({ exp: undefined } as unknown as JWTPayload))),
    ).rejects.toMatchObject(INVALID);
    await expect(verify(await sign(builtInClaims()))).resolves.toMatchObject({ sub: 'anna' });
  });

  test('with the built-in issuer off, nothing is accepted for it', async () => {
    const off = createAuthenticator({ issuers, clock });
    await expect(off.verify(await sign(builtInClaims()))).rejects.toMatchObject(INVALID);
  });

  test('any text is refused with a code, never with another error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.stringMatching(/^[\w-]*\.[\w-]*\.[\w-]*$/)),
        async (token) => {
          const outcome = await authenticator.verify(token).catch((error: { code: string }) => error.code);
          expect(['token_missing', 'token_invalid']).toContain(outcome);
        },
      ),
    );
  });
});

describe('claims', () => {
  test.each([
    [{ sub: 'a', user_id: 'b' }, 'a'],
    [{ sub: undefined, user_id: 17 }, '17'],
    [{ sub: undefined, userId: 'c', id: 'd' }, 'c'],
    [{ sub: undefined, id: 5 }, '5'],
  ])('user id of %j', async (claims, userId) => {
    // The built-in issuer always writes `sub`; other issuers need not.
    const { sub: _, ...rest } = externalClaims();
    const token = await sign({ ...rest, ...(claims as object) }, keys.rsa.privateKey, {
      alg: 'RS256',
      kid: 'rsa',
    });
    await expect(authenticator.verify(token)).resolves.toMatchObject({ userId, builtIn: false });
  });

  test.each([
    [{ username: 'u', name: 'n' }, 'u'],
    [{ username: undefined, name: 'n', displayName: 'd' }, 'n'],
    [{ username: undefined, displayName: 'd' }, 'd'],
    [{ username: undefined }, 'anna'],
    [{ username: 7 }, 'anna'],
  ])('username of %j', async (claims, username) => {
    const token = await sign(builtInClaims(claims));
    await expect(authenticator.verify(token)).resolves.toMatchObject({ username });
  });

  test('role, or the first of roles', async () => {
    const roleOf = async (claims: object) =>
      (await authenticator.verify(await sign(builtInClaims({ ...claims })))).role;
    expect(await roleOf({ role: 'admin', roles: ['x'] })).toBe('admin');
    expect(await roleOf({ roles: ['company', 'x'] })).toBe('company');
    expect(await roleOf({ roles: 'freelance' })).toBe('freelance');
    expect(await roleOf({ roles: [{ name: 'admin' }] })).toBeUndefined();
  });
});
