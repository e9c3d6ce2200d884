import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SignJWT } from 'jose';
import { loadStack } from '../../emulator/assembly/load-stack.ts';
import { OPERATOR_CREDENTIALS } from '../../emulator/index.ts';
import type { Causeway } from './causeway.ts';

/** The id of a user who never registered. */
export const WITHOUT_ACCOUNT = 'ffffffffffffffffffffffff';

/** A token that the built-in issuer could have signed, for a user who does not exist (any more). */
export function tokenOfNobody(causeway: Causeway): Promise<string> {
  return builtInToken(causeway, WITHOUT_ACCOUNT, { username: 'nobody' });
}

interface TokenClaims {
  readonly username?: string;
  readonly role?: string;
  /** Default 60. */
  readonly lifeSeconds?: number;
}

/** A token as the built-in issuer signs it, with claims of one's own: roles are given by whoever runs the deployment. */
export async function builtInToken(
  causeway: Causeway,
  subject: string,
  { lifeSeconds = 60, ...claims }: TokenClaims,
): Promise<string> {
  const now = Math.floor(causeway.clock.now() / 1000);
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(subject)
    .setIssuer('causeway')
    .setAudience('causeway')
    .setIssuedAt(now)
    .setExpirationTime(now + lifeSeconds)
    .sign(new TextEncoder().encode(await signingSecret(causeway)));
}

async function signingSecret({ assembly, awsEndpoint, clock }: Causeway): Promise<string> {
  const [secret] = loadStack(assembly).ofType('AWS::SecretsManager::Secret');
  const client = new SecretsManagerClient({
    endpoint: awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
    // Signatures are checked against the emulated time.
    systemClockOffset: clock.now() - Date.now(),
  });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret?.ref }));
    return SecretString ?? '';
  } finally {
    client.destroy();
  }
}
