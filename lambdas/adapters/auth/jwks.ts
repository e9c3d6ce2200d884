import { validateCognitoJwtFields } from 'aws-jwt-verify/cognito-verifier';
import { FetchError, JwtExpiredError, JwtInvalidSignatureAlgorithmError } from 'aws-jwt-verify/error';
import { SimpleFetcher } from 'aws-jwt-verify/https';
import { type Jwk, SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { JwtHeader, JwtPayload } from 'aws-jwt-verify/jwt-model';
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import { CausewayError } from '../../domain/errors.ts';
import { ACCOUNT } from '../../manifest/limits.ts';
import { type Claims, tokenExpired, tokenInvalid } from './claims.ts';
import type { AsymmetricAlgorithm, ExternalIssuer } from './issuers.ts';

export type ExternalVerifier = (token: string) => Promise<Claims>;

/** User pools, whose access tokens have no `aud` but a `client_id` (both forms of the issuer URL). */
const COGNITO = /^https:\/\/(issuer-)?cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/[\w-]+$/;

/** What a key can sign where neither its set nor the configuration says so (RFC 7518 section 3.1, RFC 8037). */
const BY_KEY: Readonly<Record<string, readonly AsymmetricAlgorithm[]>> = {
  'RSA ': ['RS256', 'RS384', 'RS512'],
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
  'EC P-521': ['ES512'],
  'OKP Ed25519': ['EdDSA'],
  'OKP Ed448': ['EdDSA'],
};

/**
 * Verifies tokens of the configured external issuers: key by `kid` from the issuer's own set, algorithm pinned to the
 * key, `iss`, `aud`, `exp`, `nbf` with 30 s leeway. aws-jwt-verify caches key sets and looks again at most every 10 s
 * for a `kid` it does not know. Rejects with CausewayError `token_expired`, `token_invalid`, or `unavailable` when the
 * key set cannot be fetched.
 */
export function createExternalVerifier(issuers: readonly ExternalIssuer[]): ExternalVerifier {
  const configured = issuers.map(verifierProperties);
  const jwksCache = new SimpleJwksCache({ fetcher: inlineFirst(issuers) });
  const verifier = JwtVerifier.create(configured, { jwksCache });
  return async (token) => {
    try {
      return await verifier.verify(token);
    } catch (error) {
      throw refusal(error);
    }
  };
}

function verifierProperties(external: ExternalIssuer) {
  const { issuer, algorithms } = external;
  const audience = typeof external.audience === 'string' ? external.audience : [...external.audience];
  const isPool = COGNITO.test(issuer);
  return {
    issuer,
    jwksUri: jwksUri(external),
    audience: isPool ? null : audience,
    graceSeconds: ACCOUNT.clockSkewSeconds,
    customJwtCheck: ({ header, payload, jwk }: { header: JwtHeader; payload: JwtPayload; jwk: Jwk }) => {
      const allowed = algorithms ?? BY_KEY[`${jwk.kty} ${jwk.crv ?? ''}`] ?? [];
      if (!(allowed as readonly unknown[]).includes(header.alg)) {
        throw new JwtInvalidSignatureAlgorithmError('Algorithm not allowed for this key', header.alg);
      }
      if (isPool) validateCognitoJwtFields(payload, { tokenUse: null, clientId: audience });
    },
  };
}

function jwksUri({ issuer, jwksUri: configured }: ExternalIssuer): string {
  return configured ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
}

/** Key sets given in the configuration are answered from there and never fetched, an unknown `kid` included. */
function inlineFirst(issuers: readonly ExternalIssuer[]): SimpleFetcher {
  const inline = new Map<string, string>();
  for (const issuer of issuers) {
    if (issuer.jwks !== undefined) inline.set(jwksUri(issuer), JSON.stringify(issuer.jwks));
  }
  const remote = new SimpleFetcher();
  const fetch: SimpleFetcher['fetch'] = async (uri, ...rest) => {
    const known = inline.get(uri);
    return known === undefined ? remote.fetch(uri, ...rest) : new TextEncoder().encode(known).buffer;
  };
  return Object.assign(new SimpleFetcher(), { fetch });
}

function refusal(error: unknown): CausewayError {
  if (error instanceof JwtExpiredError) return tokenExpired();
  if (error instanceof FetchError) {
    return new CausewayError('unavailable', 'The token issuer cannot be reached; try again', {
      cause: error,
    });
  }
  return tokenInvalid(error);
}
