/** Tokens, good and hostile, for the authenticator's tests. */
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import type { TokenSecret } from '../../../lambdas/adapters/auth/token-secret.ts';

export const SECRET = 'a secret of at least thirty-two characters';
export const secretBytes = new TextEncoder().encode(SECRET);
export const fixedSecret: TokenSecret = {
  current: () => Promise.resolve(secretBytes),
  rotated: () => Promise.resolve(undefined),
};

export const seconds = (): number => Math.floor(Date.now() / 1_000);

export function builtInClaims(over: JWTPayload = {}): JWTPayload {
  const base = { sub: 'anna', iss: 'causeway', aud: 'causeway', exp: seconds() + 600, username: 'Anna' };
  return { ...base, ...over };
}

export function sign(
  claims: JWTPayload,
  key: Uint8Array | KeyObject = secretBytes,
  header: JWTHeaderParameters = { alg: 'HS256' },
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}

/** A token as an attacker writes it: any header, any signature. */
export function forge(header: object, claims: object, signature = ''): string {
  return `${encode(header)}.${encode(claims)}.${signature}`;
}

/** HMAC made with arbitrary bytes, such as the text of a public key. */
export function forgeHmac(header: object, claims: object, key: string | Buffer): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');

/** An external issuer with one key of each kind, its key set inline. */
export const ISSUER = 'https://login.example.org/tenant';
export const keys = { rsa, ec, ed };
export const jwks = {
  keys: [
    { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig' },
    { ...ec.publicKey.export({ format: 'jwk' }), kid: 'ec', use: 'sig', alg: 'ES256' },
    { ...ed.publicKey.export({ format: 'jwk' }), kid: 'ed', use: 'sig' },
  ] as Record<string, unknown>[],
};

export function externalClaims(over: JWTPayload = {}): JWTPayload {
  return { sub: 'auth0|42', iss: ISSUER, aud: 'chat', exp: seconds() + 600, name: 'Ben', ...over };
}
