import type { DialectName, Identity, Millis, Session } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { ConnectionId, SessionId } from '../domain/ids.ts';
import { userOf } from '../domain/identity.ts';
import { EXPIRY } from '../manifest/limits.ts';
import type { Deps } from './deps.ts';

export interface OpenSessionInput {
  readonly identity: Identity;
  readonly connectionId: ConnectionId;
  readonly sessionId: SessionId;
  readonly dialect: DialectName;
  readonly at: Millis;
}

/**
 * $connect: notes the connection and that its user was here; the first connect of an external user creates the profile.
 * One round of calls. Rejects with `user_not_found`; whatever it rejects with, no session is left behind.
 */
export async function openSession(deps: Pick<Deps, 'sessions'>, input: OpenSessionInput): Promise<Session> {
  const { identity, connectionId, sessionId, dialect, at } = input;
  const { userId, builtIn } = identity;
  const session: Session = { sessionId, connectionId, userId, dialect, connectedAt: at, rooms: [] };
  const [opened, admitted] = await Promise.allSettled([
    deps.sessions.open(session, at + EXPIRY.sessionSeconds * 1000),
    deps.sessions.admit(userOf(identity, at), builtIn ? 'must-exist' : 'create', at),
  ]);
  if (opened.status === 'fulfilled' && admitted.status === 'fulfilled' && admitted.value === 'admitted')
    return session;
  // A failed call may have been carried out all the same.
  await deps.sessions.close({ userId, connectionId });
  if (opened.status === 'rejected') throw opened.reason;
  throw admitted.status === 'rejected'
    ? admitted.reason
    : new CausewayError('user_not_found', 'User not found.');
}
