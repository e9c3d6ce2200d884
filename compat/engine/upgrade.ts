import type { Millis } from '../../lambdas/domain/entities.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import { EXPIRY } from '../../lambdas/manifest/limits.ts';
import type { EngineId, EngineSession } from '../../lambdas/ports/socketio.ts';
import type { BridgeOptions } from '../types.ts';
import type { Engine } from './deps.ts';
import type { Fresh } from './fresh.ts';
import { PACKET } from './packets.ts';
import { moveSockets } from './places.ts';
import { servedByRings } from './ring.ts';
import { postAll } from './sessions.ts';
import { isAsked } from './vitals.ts';

type Upgraded = EngineSession & { readonly connectionId: ConnectionId };

/**
 * Moves a polling session to the connection that probed it. From then on packets for it are posted; those in the outbox
 * were taken by the same write, and go first. Undefined when the connection does not probe the session (any more), or is gone.
 */
export async function upgrade(
  engine: Engine,
  fresh: Fresh,
  { sid, connectionId }: { readonly sid: EngineId; readonly connectionId: ConnectionId },
): Promise<Upgraded | undefined> {
  const { stores, clock, options } = engine;
  const now = clock.now();
  const expiresAt = now + EXPIRY.sessionSeconds * 1000;
  const before = await stores.sessions.upgrade(sid, connectionId, expiresAt);
  if (before === 'refused') return undefined;
  fresh.settled(connectionId);
  const { probing: _probing, poll: _poll, pingedAt: _pingedAt, ...kept } = before;
  const session: Upgraded = { ...kept, transport: 'websocket', connectionId, outbox: [] };
  const ping = needsPing(before, now, options) ? [PACKET.ping] : [];
  // Not on the route response: of a frame that is delivered twice the answer that counts may be that of the other one.
  if ((await postAll(engine, connectionId, [...before.outbox, ...ping])) === 'gone') {
    await engine.sessions.end(sid, 'transport close');
    return undefined;
  }
  // Until this is done, others find the old entries, learn from the row where the session went, and wait (lambdas/app/greeted.ts).
  // Not before what waited for a poll has been posted: whoever finds the new ones posts at once.
  await moveSockets(stores.sockets, session, expiresAt);
  return session;
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
