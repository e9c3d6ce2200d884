import { errors, jwtVerify, SignJWT } from 'jose';
import type { User } from '../../domain/entities.ts';
import { ACCOUNT } from '../../manifest/limits.ts';
import { BUILT_IN_AUDIENCE, BUILT_IN_ISSUER } from '../../manifest/routes.ts';
import type { Clock } from '../../ports/runtime.ts';
import type { TokenIssuer } from '../../ports/security.ts';
import { type Claims, tokenExpired, tokenInvalid } from './claims.ts';
import type { TokenSecret } from './token-secret.ts';

/** What this issuer signs; the only algorithm it accepts. */
export const BUILT_IN_ALGORITHM = 'HS256';

export function createTokenIssuer(options: {
  readonly secret: TokenSecret;
  readonly clock: Clock;
  readonly ttlSeconds: number;
}): TokenIssuer {
  const { secret, clock, ttlSeconds } = options;
  return {
    issue: async (user: User) => {
      const now = Math.floor(clock.now() / 1_000);
      const { username, email, displayName, role } = user;
      return new SignJWT({ username, email, displayName, role })
        .setProtectedHeader({ alg: BUILT_IN_ALGORITHM, typ: 'JWT' })
        .setSubject(user.id)
        .setIssuer(BUILT_IN_ISSUER)
        .setAudience(BUILT_IN_AUDIENCE)
        .setIssuedAt(now)
        .setExpirationTime(now + ttlSeconds)
        .sign(await secret.current());
    },
  };
}

/** Rejects with CausewayError `token_expired` or `token_invalid`. A signature that fails is tried once more on a rotated key. */
export async function verifyHs256(
  token: string,
  options: { readonly secret: TokenSecret; readonly clock: Clock },
): Promise<Claims> {
  const { secret, clock } = options;
  const key = await secret.current();
  try {
    return await check(token, key, clock);
  } catch (error) {
    if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw refusal(error);
  }
  const rotated = await secret.rotated();
  if (rotated === undefined) throw tokenInvalid();
  return check(token, rotated, clock).catch((error: unknown) => {
    throw refusal(error);
  });
}

async function check(token: string, key: Uint8Array, clock: Clock): Promise<Claims> {
  const { payload } = await jwtVerify(token, key, {
    algorithms: [BUILT_IN_ALGORITHM],
    issuer: BUILT_IN_ISSUER,
    audience: BUILT_IN_AUDIENCE,
    clockTolerance: ACCOUNT.clockSkewSeconds,
    currentDate: new Date(clock.now()),
    requiredClaims: ['exp', 'sub'],
  });
  return payload;
}

function refusal(error: unknown): Error {
  return error instanceof errors.JWTExpired ? tokenExpired() : tokenInvalid(error);
}
