import type { Millis, Session } from '../domain/entities.ts';
import type { UserId } from '../domain/ids.ts';
import { HANDSHAKE } from '../manifest/limits.ts';
import type { InspectableGateway } from '../ports/gateway.ts';
import type { EngineId } from '../ports/socketio.ts';
import { closeSession } from './close-session.ts';
import type { Deps } from './deps.ts';

/** A session that shows that its user is here. */
export type Witness =
  | { readonly kind: 'connection'; readonly session: Session }
  | { readonly kind: 'socket'; readonly sid: EngineId };

export interface FindLiveDeps extends Pick<Deps, 'sessions' | 'members' | 'audience' | 'log'> {
  readonly gateway: InspectableGateway;
}

/**
 * A live session of a user, of any device and protocol; undefined when there is none. Strong. Rows that a crash left behind do
 * not count: API Gateway is asked for each connection, the session for each socket. A connection it does not know is removed.
 */
export async function findLive(deps: FindLiveDeps, userId: UserId, at: Millis): Promise<Witness | undefined> {
  const [sessions, sid] = await Promise.all([
    deps.sessions.ofUser(userId, at),
    deps.audience.openSession(userId, at),
  ]);
  if (sid !== undefined) return { kind: 'socket', sid };
  for (const session of sessions)
    if (await isConnected(deps, session, at)) return { kind: 'connection', session };
  return undefined;
}

/** Whether a witness from before still is one. If not, there may be another. */
export async function isStillLive(
  deps: FindLiveDeps,
  userId: UserId,
  { witness, at }: { readonly witness: Witness; readonly at: Millis },
): Promise<boolean> {
  if (witness.kind === 'connection') return isConnected(deps, witness.session, at);
  return (await deps.audience.openSession(userId, at, witness.sid)) === witness.sid;
}

async function isConnected(deps: FindLiveDeps, session: Session, at: Millis): Promise<boolean> {
  // API Gateway does not know it before its handshake is over.
  if (at < session.connectedAt + HANDSHAKE.graceSeconds * 1000) return true;
  if ((await deps.gateway.look(session)) !== 'gone') return true;
  await closeSession(deps, session);
  return false;
}
