import type { Millis } from '../../lambdas/domain/entities.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import { EXPIRY } from '../../lambdas/manifest/limits.ts';
import type { EngineId, EnginePacket, EngineSession } from '../../lambdas/ports/socketio.ts';
import type { BridgeOptions } from '../types.ts';
import type { Engine } from './deps.ts';
import type { Fresh } from './fresh.ts';
import { PACKET } from './packets.ts';
import { moveSockets } from './places.ts';
import { servedByRings } from './ring.ts';
import { isAsked } from './vitals.ts';

export interface Upgraded {
  readonly session: EngineSession;
  /** To be sent over the connection before anything else. */
  readonly packets: readonly EnginePacket[];
}

/**
 * Moves a polling session to the connection that probed it. From then on packets for it are posted; those in the outbox
 * were taken by the same write. Undefined when the connection does not probe the session (any more).
 */
export async function upgrade(
  { stores, clock, options }: Engine,
  fresh: Fresh,
  { sid, connectionId }: { readonly sid: EngineId; readonly connectionId: ConnectionId },
): Promise<Upgraded | undefined> {
  const now = clock.now();
  const expiresAt = now + EXPIRY.sessionSeconds * 1000;
  const before = await stores.sessions.upgrade(sid, connectionId, expiresAt);
  if (before === 'refused') return undefined;
  fresh.settled(connectionId);
  const { probing: _probing, poll: _poll, pingedAt: _pingedAt, ...kept } = before;
  const session: EngineSession = { ...kept, transport: 'websocket', connectionId, outbox: [] };
  // Until this is done, others find the old entries, and learn from the outbox where the session went.
  await moveSockets(stores.sockets, session, expiresAt);
  const ping = needsPing(before, now, options) ? [PACKET.ping] : [];
  return { session, packets: [...before.outbox, ...ping] };
}

/**
 * Polls ping when the session is due, the sweep when its ring is. A client that polled for long may be due by its polls
 * well before its ring is, so that it gets a ping at the change. So does one that is nearly due where the sweep never
 * rests: it may have looked a moment before, and left the ping to the poll.
 */
function needsPing(
  session: EngineSession,
  now: Millis,
  { heartbeat: { pingIntervalMs } }: BridgeOptions,
): boolean {
  const heardFor = now - Math.max(session.openedAt, session.seenAt);
  if (servedByRings(pingIntervalMs)) return heardFor >= pingIntervalMs / 4;
  return heardFor >= (pingIntervalMs * 3) / 4 && !isAsked(session);
}
