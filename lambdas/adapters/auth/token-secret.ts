import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CausewayError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/runtime.ts';
import { translateAwsError } from '../aws-errors.ts';

/** How long an instance believes its copy. */
const CACHED_MS = 5 * 60 * 1_000;
/** Forged tokens must not turn into a stream of Secrets Manager calls. */
const REFETCH_EVERY_MS = 60 * 1_000;

/** The HS256 key of the built-in issuer. */
export interface TokenSecret {
  current(): Promise<Uint8Array>;
  /** After a signature that did not match: the key if it has been rotated since, at most one look a minute. */
  rotated(): Promise<Uint8Array | undefined>;
}

/** Reads the secret's raw string; call at module scope. */
export function createSecretsManagerClient(): SecretsManagerClient {
  return new SecretsManagerClient({
    retryMode: 'standard',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
}

/** Cached per instance, one request at a time. Rejects with CausewayError `unavailable` or `internal`. */
export function createTokenSecret(options: {
  readonly client: Pick<SecretsManagerClient, 'send'>;
  readonly secretArn: string;
  readonly clock: Clock;
}): TokenSecret {
  const { client, secretArn, clock } = options;
  let cached: { readonly secret: Uint8Array; readonly fetchedAt: number } | undefined;
  let underWay: Promise<Uint8Array> | undefined;

  async function load(): Promise<Uint8Array> {
    const secret = await fetchSecret(client, secretArn);
    cached = { secret, fetchedAt: clock.now() };
    return secret;
  }

  function fetchOnce(): Promise<Uint8Array> {
    underWay ??= load().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function current(): Promise<Uint8Array> {
    return cached !== undefined && clock.now() - cached.fetchedAt < CACHED_MS ? cached.secret : fetchOnce();
  }

  async function rotated(): Promise<Uint8Array | undefined> {
    if (cached !== undefined && clock.now() - cached.fetchedAt < REFETCH_EVERY_MS) return undefined;
    const before = cached?.secret;
    const after = await fetchOnce();
    return before !== undefined && Buffer.compare(before, after) === 0 ? undefined : after;
  }

  return { current, rotated };
}

async function fetchSecret(
  client: Pick<SecretsManagerClient, 'send'>,
  secretArn: string,
): Promise<Uint8Array> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    // RFC 7518 section 3.2: an HS256 key has at least 256 bits. An empty one would accept forged tokens.
    if (SecretString === undefined || SecretString.length < 32) {
      throw new CausewayError('internal', 'The token secret is shorter than 32 characters');
    }
    return new TextEncoder().encode(SecretString);
  } catch (error) {
    throw translateAwsError(error);
  }
}
