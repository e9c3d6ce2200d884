/** REQUEST authorizer of `$connect` on the native WebSocket API. AWS: secretsmanager:GetSecretValue on the token secret. */
import { createAuthenticator } from '../adapters/auth/authenticator.ts';
import { createSecretsManagerClient, createTokenSecret } from '../adapters/auth/token-secret.ts';
import { systemClock as clock } from '../adapters/system/clock.ts';
import { randomIds as ids } from '../adapters/system/ids.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { logLevel, tokenSources } from './environment.ts';
import { authorize } from './native/authorize.ts';
import type { AuthorizerEvent } from './native/events.ts';

const { secretArn, issuers } = tokenSources();
const secret =
  secretArn === undefined
    ? undefined
    : createTokenSecret({ client: createSecretsManagerClient(), secretArn, clock });
const authenticator = createAuthenticator({ secret, issuers, clock });
const log = createLogger({ level: logLevel(), fields: { function: 'native-authorizer' } });

export function handler(event: AuthorizerEvent) {
  return authorize({ authenticator, ids, log }, event);
}
