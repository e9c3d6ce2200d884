import type { Socket } from 'socket.io';

import type { Identity, Millis } from '../../lambdas/domain/entities.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';
import { userOf } from '../../lambdas/domain/identity.ts';
import type { ChatDeps } from './deps.ts';

/**
 * Who a client is. From `auth.token`, with or without `Bearer `, else from the header `Authorization` of the handshake.
 * Rejects with `token_missing`, `token_invalid`, `token_expired`.
 */
export function authenticate(
  { authenticator }: Pick<ChatDeps, 'authenticator'>,
  { auth, headers }: Pick<Socket['handshake'], 'auth' | 'headers'>,
): Promise<Identity> {
  const token: unknown = auth['token'];
  if (token === undefined || token === null || token === '')
    return authenticator.verify(headers['authorization']);
  // What is no text is no token; as an empty one it would be missing.
  return authenticator.verify(typeof token === 'string' ? token : 'not a token');
}

/**
 * A user of the built-in issuer must exist; of others, the first connect creates the profile. Notes that the user connected; whether
 * the user is marked as online. Rejects with `user_not_found`.
 */
export async function requireUser(
  { sessions }: Pick<ChatDeps, 'sessions'>,
  identity: Identity,
  at: Millis,
): Promise<'online' | 'away'> {
  const admission = await sessions.admit(
    userOf(identity, at),
    identity.builtIn ? 'must-exist' : 'create',
    at,
  );
  if (admission === 'missing') throw new CausewayError('user_not_found', 'User not found.');
  return admission;
}
