import { generateKeyPairSync } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { describe, expect, test } from 'vitest';
import { createAuthenticator } from '../../../lambdas/adapters/auth/authenticator.ts';
import { parseIssuers } from '../../../lambdas/adapters/auth/issuers.ts';
import { systemClock as clock } from '../../../lambdas/adapters/system/clock.ts';
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

const POOL = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123';
const issuers = [
  { issuer: ISSUER, audience: ['chat', 'other-app'], jwks },
  { issuer: POOL, audience: 'client-1', jwks },
];
const authenticator = createAuthenticator({ secret: fixedSecret, issuers, clock });
const INVALID = { name: 'CausewayError', code: 'token_invalid', message: 'Token invalid' };
const RSA = { alg: 'RS256', kid: 'rsa' };
const publicPem = keys.rsa.publicKey.export({ type: 'spki', format: 'pem' });

describe('tokens of external issuers', () => {
  test.each([
    ['RS256', keys.rsa.privateKey, 'rsa'],
    ['RS512', keys.rsa.privateKey, 'rsa'],
    ['ES256', keys.ec.privateKey, 'ec'],
    ['EdDSA', keys.ed.privateKey, 'ed'],
  ])('%s is verified with the key it names', async (alg, key, kid) => {
    const token = await sign(externalClaims(), key, { alg, kid });
    await expect(authenticator.verify(token)).resolves.toMatchObject({
      userId: 'auth0|42',
      username: 'Ben',
      builtIn: false,
    });
  });

  test('two issuers that know one subject speak for two users, once they have prefixes', async () => {
    const known = createAuthenticator({
      secret: fixedSecret,
      issuers: issuers.map((issuer, index) => ({ ...issuer, userIdPrefix: `i${index}|` })),
      clock,
    });
    const userOf = async (claims: JWTPayload) =>
      (await known.verify(await sign(externalClaims({ sub: 'anna', ...claims }), keys.rsa.privateKey, RSA)))
        .userId;
    expect(await userOf({})).toBe('i0|anna');
    expect(await userOf({ iss: POOL, client_id: 'client-1', token_use: 'access' })).toBe('i1|anna');
    await expect(known.verify(await sign(builtInClaims({ sub: 'anna' })))).resolves.toMatchObject({
      userId: 'anna',
    });
    await expect(userOf({ sub: '' })).rejects.toMatchObject(INVALID);
    await expect(userOf({ sub: 'x'.repeat(126) })).rejects.toMatchObject(INVALID);
  });

  test('expired, with 30 s of leeway', async () => {
    const expiredFor = async (age: number) =>
      authenticator.verify(await sign(externalClaims({ exp: seconds() - age }), keys.rsa.privateKey, RSA));
    await expect(expiredFor(20)).resolves.toBeDefined();
    await expect(expiredFor(40)).rejects.toMatchObject({ code: 'token_expired', message: 'Token expired' });
  });

  test.each([
    ['wrong audience', { aud: 'somebody else' }],
    ['no audience', { aud: undefined }],
    ['never expiring', { exp: undefined }],
    ['not yet valid', { nbf: seconds() + 120 }],
    ['unknown issuer', { iss: 'https://evil.example.org' }],
    ['the built-in issuer’s name', { iss: 'causeway', aud: 'causeway' }],
    ['a user id that would break keys', { sub: 'a#b' }],
  ])('%s', async (_, claims) => {
    const token = await sign(externalClaims(claims as JWTPayload), keys.rsa.privateKey, RSA);
    await expect(authenticator.verify(token)).rejects.toMatchObject(INVALID);
  });

  test.each([
    ['none', forge({ alg: 'none', kid: 'rsa' }, externalClaims())],
    ['no signature', forge(RSA, externalClaims())],
    [
      'RS/HS confusion: HMAC with the public key',
      forgeHmac({ alg: 'HS256', kid: 'rsa' }, externalClaims(), publicPem),
    ],
    ['RS/HS confusion under our name', forgeHmac({ alg: 'HS256', kid: 'rsa' }, builtInClaims(), publicPem)],
    ['RS256 label on that HMAC', forgeHmac(RSA, externalClaims(), publicPem)],
    ['our secret for their name', forgeHmac({ alg: 'HS256' }, externalClaims(), SECRET)],
  ])('hostile: %s', async (_, token) => {
    await expect(authenticator.verify(token)).rejects.toMatchObject(INVALID);
  });

  test('signed by somebody else under a known key id, or an unknown one, or none', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    for (const header of [RSA, { alg: 'RS256', kid: 'unknown' }, { alg: 'RS256' }]) {
      await expect(authenticator.verify(await sign(externalClaims(), other, header))).rejects.toMatchObject(
        INVALID,
      );
    }
  });

  test('an algorithm that is not the key’s: PS256, or RS512 where RS256 is pinned', async () => {
    const pinned = createAuthenticator({
      issuers: [{ issuer: ISSUER, audience: 'chat', jwks, algorithms: ['RS256'] }],
      clock,
    });
    const ps = await sign(externalClaims(), keys.rsa.privateKey, { alg: 'PS256', kid: 'rsa' });
    const rs512 = await sign(externalClaims(), keys.rsa.privateKey, { alg: 'RS512', kid: 'rsa' });
    await expect(authenticator.verify(ps)).rejects.toMatchObject(INVALID);
    await expect(pinned.verify(rs512)).rejects.toMatchObject(INVALID);
  });

  test('a key set that cannot be fetched is unavailable, not the client’s fault', async () => {
    // Nothing listens on port 1.
    const unreachable = { issuer: 'https://localhost:1', audience: 'chat' };
    const token = await sign(externalClaims({ iss: unreachable.issuer }), keys.rsa.privateKey, RSA);
    const verified = createAuthenticator({ issuers: [unreachable], clock }).verify(token);
    await expect(verified).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('Cognito user pools', () => {
  const poolToken = (claims: object) =>
    sign({ sub: 'u-1', iss: POOL, exp: seconds() + 60, ...claims }, keys.rsa.privateKey, RSA);

  test('access tokens are checked by client_id, id tokens by aud', async () => {
    const access = await poolToken({ token_use: 'access', client_id: 'client-1', username: 'anna' });
    const id = await poolToken({ token_use: 'id', aud: 'client-1', email: 'A@Example.org' });
    await expect(authenticator.verify(access)).resolves.toMatchObject({ userId: 'u-1', username: 'anna' });
    await expect(authenticator.verify(id)).resolves.toMatchObject({ userId: 'u-1', email: 'a@example.org' });
  });

  test.each([
    ['another client', { token_use: 'access', client_id: 'client-2' }],
    ['no use', { aud: 'client-1', client_id: 'client-1' }],
    ['aud on an access token', { token_use: 'access', aud: 'client-1' }],
  ])('%s', async (_, claims) => {
    await expect(authenticator.verify(await poolToken(claims))).rejects.toMatchObject(INVALID);
  });
});

describe('parseIssuers', () => {
  test('nothing configured', () => {
    expect(parseIssuers(undefined)).toEqual([]);
    expect(parseIssuers('')).toEqual([]);
    expect(parseIssuers('[]')).toEqual([]);
  });

  test('what it accepts', () => {
    const issuer = {
      issuer: ISSUER,
      audience: ['a', 'b'],
      jwksUri: 'https://x.example.org/keys',
      algorithms: ['RS256'],
    };
    expect(parseIssuers(JSON.stringify([issuer]))).toEqual([issuer]);
  });

  test.each([
    ['{}'],
    ['[{}]'],
    ['[{"issuer":"x"}]'],
    ['[{"issuer":"x","audience":[]}]'],
    ['[{"issuer":"x","audience":"a","algorithms":["HS256"]}]'],
    ['[{"issuer":"x","audience":"a"},{"issuer":"x","audience":"b"}]'],
    ['not json'],
  ])('%s is a deployment error', (json) => {
    expect(() => parseIssuers(json)).toThrow();
  });
});
