import type { DialectName, Identity, Millis, Session } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { ConnectionId, SessionId } from '../domain/ids.ts';
import { userOf } from '../domain/identity.ts';
import { EXPIRY } from '../manifest/limits.ts';
import type { Later } from '../ports/later.ts';
import type { Deps } from './deps.ts';

export interface OpenSessionInput {
  readonly identity: Identity;
  readonly connectionId: ConnectionId;
  readonly sessionId: SessionId;
  readonly dialect: DialectName;
  readonly at: Millis;
}

type OpenDeps = Pick<Deps, 'sessions' | 'log'> & { readonly later: Later };

/**
 * $connect: notes the connection and that its user was here; the first connect of an external user creates the profile.
 * One round of calls, and one more for somebody who was not online. Rejects with `user_not_found`; whatever it rejects with, no
 * session is left behind.
 */
export async function openSession(deps: OpenDeps, input: OpenSessionInput): Promise<Session> {
  const { identity, connectionId, sessionId, dialect, at } = input;
  const { userId, builtIn } = identity;
  const session: Session = { sessionId, connectionId, userId, dialect, connectedAt: at, rooms: [] };
  const expiresAt = at + EXPIRY.sessionSeconds * 1000;
  const [opened, admitted, watched] = await Promise.allSettled([
    deps.sessions.open(session, expiresAt),
    deps.sessions.admit(userOf(identity, at), builtIn ? 'must-exist' : 'create', at),
    deps.sessions.watch(session, expiresAt),
  ]);
  const admission = admitted.status === 'fulfilled' ? admitted.value : 'missing';
  if (opened.status === 'fulfilled' && watched.status === 'fulfilled' && admission !== 'missing') {
    if (admission === 'away') await comeOnline(deps, session);
    return session;
  }
  // A failed call may have been carried out all the same.
  await Promise.all([deps.sessions.close({ userId, connectionId }), deps.sessions.unwatch(connectionId)]);
  for (const call of [opened, admitted, watched]) if (call.status === 'rejected') throw call.reason;
  throw new CausewayError('user_not_found', 'User not found.');
}

/** Now that the session is stored. */
async function comeOnline(deps: OpenDeps, { userId, connectedAt: at, connectionId }: Session): Promise<void> {
  try {
    await deps.later.schedule({ kind: 'presence.settle', userId, at }, 0);
  } catch (error) {
    // It is in, whoever knows; the sweep looks at new connections.
    deps.log.warn('nobody was told that somebody is online', { connectionId, error });
  }
}
