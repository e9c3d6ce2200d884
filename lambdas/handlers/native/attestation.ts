/**
 * What the authorizer attests about a connection. API Gateway keeps it and repeats it with every event of the connection, so
 * no message needs a session read. Values are strings, 8 KB in all (AWS "Quotas for configuring and running a WebSocket API");
 * identities are cut to size when a token is read, so they fit.
 */
import type { Actor, Identity } from '../../domain/entities.ts';
import { CausewayError } from '../../domain/errors.ts';
import type { Email, SessionId } from '../../domain/ids.ts';
import { senderOf } from '../../domain/identity.ts';
import { parseConnectionId, parseSessionId, parseUserId } from '../../domain/ids.ts';
import type { AuthorizerContext, WebSocketEvent } from './events.ts';

export interface Attestation {
  readonly identity: Identity;
  readonly sessionId: SessionId;
}

/** Claims that the token does not have are left out: API Gateway would turn `undefined` into a failed authorizer. */
export function attest({ identity, sessionId }: Attestation): Readonly<Record<string, string>> {
  const { userId, username, displayName, email, role, builtIn, expiresAt } = identity;
  return {
    userId,
    username,
    ...(displayName === undefined ? {} : { displayName }),
    ...(email === undefined ? {} : { email }),
    ...(role === undefined ? {} : { role }),
    builtIn: String(builtIn),
    tokenExpiresAt: String(expiresAt),
    sessionId,
  };
}

/** Throws CausewayError `internal` where there is no attestation: a route deployed without its authorizer. */
export function readAttestation(event: WebSocketEvent): Attestation {
  const context = event.requestContext.authorizer ?? {};
  const userId = parseUserId(context['userId']);
  const sessionId = parseSessionId(context['sessionId']);
  const expiresAt = Number(text(context, 'tokenExpiresAt'));
  if (userId === undefined || sessionId === undefined || !Number.isFinite(expiresAt)) {
    throw new CausewayError('internal', 'The event carries no attestation of the authorizer');
  }
  const [displayName, email, role] = ['displayName', 'email', 'role'].map((name) => text(context, name));
  return {
    sessionId,
    identity: {
      userId,
      username: text(context, 'username') ?? userId,
      ...(displayName === undefined ? {} : { displayName }),
      ...(email === undefined ? {} : { email: email as Email }),
      ...(role === undefined ? {} : { role }),
      expiresAt,
      builtIn: text(context, 'builtIn') === 'true',
    },
  };
}

export function actorOf(event: WebSocketEvent): Actor {
  const { identity } = readAttestation(event);
  const connectionId = parseConnectionId(event.requestContext.connectionId);
  if (connectionId === undefined) throw new CausewayError('internal', 'The event carries no connection id');
  return {
    ...senderOf(identity),
    connectionId,
    dialect: 'native',
    tokenExpiresAt: identity.expiresAt,
  };
}

function text(context: AuthorizerContext, name: string): string | undefined {
  const value = context[name];
  return typeof value === 'string' ? value : undefined;
}
