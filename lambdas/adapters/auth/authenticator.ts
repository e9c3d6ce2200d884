import { decodeJwt, decodeProtectedHeader } from 'jose';
import { ACCOUNT } from '../../manifest/limits.ts';
import { BUILT_IN_ISSUER } from '../../manifest/routes.ts';
import type { Clock } from '../../ports/runtime.ts';
import type { Authenticator } from '../../ports/security.ts';
import { identityOf, tokenInvalid, tokenMissing } from './claims.ts';
import { BUILT_IN_ALGORITHM, verifyHs256 } from './hs256.ts';
import { ASYMMETRIC, type ExternalIssuer } from './issuers.ts';
import type { ExternalVerifier } from './jwks.ts';
import type { TokenSecret } from './token-secret.ts';

export interface AuthenticatorOptions {
  /** Key of the built-in issuer; absent when it is off. */
  readonly secret?: TokenSecret | undefined;
  readonly issuers: readonly ExternalIssuer[];
  readonly clock: Clock;
}

/**
 * Issuer and algorithm are chosen before anything is verified, and pinned to each other: HS256 is only ever checked
 * with the built-in secret and only for our own `iss`, every other issuer must sign asymmetrically. So `none`, and an
 * HMAC made with somebody's public key, have no verifier to go to.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { secret, issuers, clock } = options;
  const external = externalVerifier(issuers);
  return {
    verify: async (credential) => {
      const token = credential?.replace(/^Bearer\s+/i, '').trim();
      if (token === undefined || token === '' || /^Bearer$/i.test(token)) throw tokenMissing();
      const { issuer, algorithm } = unverified(token);
      if (algorithm === BUILT_IN_ALGORITHM && issuer === BUILT_IN_ISSUER && secret !== undefined) {
        return identityOf(await verifyHs256(token, { secret, clock }), { builtIn: true });
      }
      const asymmetric = (ASYMMETRIC as readonly unknown[]).includes(algorithm);
      const known = issuers.find((configured) => configured.issuer === issuer);
      if (asymmetric && known !== undefined) {
        const { userIdPrefix } = known;
        return identityOf(await (await external())(token), { builtIn: false, userIdPrefix });
      }
      throw tokenInvalid();
    },
  };
}

/** aws-jwt-verify is loaded by the first token that needs it: most deployments never pay for it at a cold start. */
function externalVerifier(issuers: readonly ExternalIssuer[]): () => Promise<ExternalVerifier> {
  let loaded: Promise<ExternalVerifier> | undefined;
  return () => {
    loaded ??= import('./jwks.ts').then((module) => module.createExternalVerifier(issuers));
    return loaded;
  };
}

/** What the token says of itself; only good for choosing who verifies it. */
function unverified(token: string): { readonly issuer: unknown; readonly algorithm: unknown } {
  if (token.length > ACCOUNT.tokenChars) throw tokenInvalid();
  try {
    return { issuer: decodeJwt(token).iss, algorithm: decodeProtectedHeader(token).alg };
  } catch (error) {
    throw tokenInvalid(error);
  }
}
