/** Signature algorithms an external issuer may use: asymmetric ones only, so a public key can never verify an HMAC. */
export const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
export type AsymmetricAlgorithm = (typeof ASYMMETRIC)[number];

/** An issuer the deployment trusts, as it stands in the environment (manifest/environment.ts, `issuers`). */
export interface ExternalIssuer {
  /** Exactly the `iss` of its tokens. */
  readonly issuer: string;
  /** Accepted `aud` values (Cognito: app client ids, which access tokens carry in `client_id`). */
  readonly audience: string | readonly string[];
  /** Default: `{issuer}/.well-known/jwks.json`. */
  readonly jwksUri?: string;
  /** The key set itself, instead of fetching it. Every key needs a `kid`. */
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** Default: the algorithm each key of the set names, else those that fit its type. */
  readonly algorithms?: readonly AsymmetricAlgorithm[];
  /**
   * Put before the user ids of this issuer's tokens, so that equal subjects of two issuers are two users. Default: nothing;
   * then whoever the issuer says somebody is, they are, a user of the built-in issuer or of another one included.
   */
  readonly userIdPrefix?: string;
}

/** Reads the JSON array of the environment. Throws when it is not one: a deployment error, better loud at start. */
export function parseIssuers(json: string | undefined): readonly ExternalIssuer[] {
  if (json === undefined || json.trim() === '') return [];
  const issuers: unknown = JSON.parse(json);
  if (!Array.isArray(issuers) || !issuers.every(isIssuer)) {
    throw new TypeError(
      'issuers must be a JSON array of { issuer, audience, jwksUri?, jwks?, algorithms?, userIdPrefix? }',
    );
  }
  const names = issuers.map(({ issuer }) => issuer);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`issuer ${twice} is configured twice`);
  return issuers;
}

function isIssuer(value: unknown): value is ExternalIssuer {
  if (typeof value !== 'object' || value === null) return false;
  const { issuer, audience, algorithms, userIdPrefix } = value as Record<string, unknown>;
  const audiences = Array.isArray(audience) ? audience : [audience];
  const named = audiences.length > 0 && audiences.every((name) => typeof name === 'string' && name !== '');
  const pinned =
    algorithms === undefined ||
    (Array.isArray(algorithms) &&
      algorithms.every((name) => (ASYMMETRIC as readonly unknown[]).includes(name)));
  const prefixed = userIdPrefix === undefined || typeof userIdPrefix === 'string';
  return typeof issuer === 'string' && issuer !== '' && named && pinned && prefixed;
}
