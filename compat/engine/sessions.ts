import { deliverInOrder, orInDoubt } from '../../lambdas/app/deliver-in-order.ts';
import { undeferred } from '../../lambdas/app/deferred.ts';
import { isGreeted } from '../../lambdas/app/greeted.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { EngineId, EnginePacket, EngineSession, SocketEntry } from '../../lambdas/ports/socketio.ts';
import { sleep } from '../sleep.ts';
import type { Runtime, Sessions } from '../types.ts';
import type { BridgeDeps, EngineSessions } from './deps.ts';
import { fitsMessage } from './message-size.ts';
import { presencesOf, removePresences } from './places.ts';
import { awaitedMs, isAwaited } from './returning.ts';

type Deps = Pick<BridgeDeps, 'stores' | 'gateway' | 'clock' | 'log' | 'options'>;
type How = Parameters<EngineSessions['endWith']>[2];

/** Without recovery a closed session is kept for polls that come late. */
const KEEP_CLOSED_MS = 60_000;

/** `runtime`: late, because the runtime itself is made with these. */
export function createSessions(deps: Deps, runtime: () => Runtime): EngineSessions {
  const sessions: EngineSessions = {
    deliver: (to, packets) => deliver(deps, sessions, { to, packets }),
    end: (sid, reason) => sessions.endWith(sid, reason, {}),
    endWith: (sid, reason, how) => end({ ...deps, runtime: runtime() }, { sid, reason, how }),
  };
  return sessions;
}

async function deliver(
  deps: Deps,
  sessions: EngineSessions,
  { to, packets: all }: { readonly to: SocketEntry; readonly packets: readonly EnginePacket[] },
): ReturnType<Sessions['deliver']> {
  // All or nothing: half a binary packet would cost the receiver its connection.
  if (!all.every(fitsMessage)) return 'too-large';
  const packets = await orInDoubt(undeferred({ sessions: deps.stores.sessions, clock: deps.clock }, to, all));
  if (packets.length === 0) return 'sent';
  const { connectionId } = to;
  const reached =
    connectionId === undefined ? await enqueue(deps, sessions, { to, packets }) : { connectionId };
  if (typeof reached === 'string') return reached;
  const posted = await deliverInOrder(packets, (packet) => deps.gateway.post(reached.connectionId, packet));
  if (posted === 'gone') await sessions.end(to.sid, 'transport close');
  return posted;
}

/** Answers the connection when the session has moved to one since its entry was read. */
async function enqueue(
  { stores, clock, log }: Deps,
  sessions: EngineSessions,
  { to, packets }: { readonly to: SocketEntry; readonly packets: readonly EnginePacket[] },
): Promise<'sent' | 'gone' | 'throttled' | { readonly connectionId: ConnectionId }> {
  const outcome = await orInDoubt(stores.sessions.enqueue(to.sid, packets));
  if (outcome === 'queued') return 'sent';
  if (typeof outcome === 'object')
    return (await isGreeted({ ...stores, clock, pause: sleep }, to, outcome.connectionId))
      ? outcome
      : 'throttled';
  if (outcome === 'full') {
    // It has not polled for long: its peer is lost, or hopelessly behind.
    log.warn('an outbox is full', { socketId: to.socketId });
    await sessions.end(to.sid, 'transport error');
  }
  return 'gone';
}

/**
 * In order; stops at the first that cannot be sent. One that is throttled ends the connection, as on a network: a client would wait
 * for ever for the reply to its CONNECT, and is told what it missed when it comes back.
 */
export async function postAll(
  { gateway, log }: Pick<BridgeDeps, 'gateway' | 'log'>,
  connectionId: ConnectionId,
  packets: readonly EnginePacket[],
): Promise<'sent' | 'gone' | 'too-large'> {
  for (const packet of packets) {
    const outcome = await gateway.post(connectionId, packet);
    if (outcome === 'gone' || outcome === 'too-large') return outcome;
    if (outcome === 'throttled') {
      log.warn('a connection ends since a packet was throttled', { connectionId });
      return 'gone';
    }
  }
  return 'sent';
}

/** First come, first served: only one caller gets the session from the store, and only that one goes on. */
async function end(
  deps: Deps & { readonly runtime: Runtime },
  { sid, reason, how }: { readonly sid: EngineId; readonly reason: string; readonly how: How },
): Promise<void> {
  const { stores, clock, options } = deps;
  const at = clock.now();
  const returning = how.returning === true && isAwaited(options);
  const keepMs = options.recovery?.windowMs ?? KEEP_CLOSED_MS;
  const session = await stores.sessions.close(
    sid,
    { reason, at, ...(returning && { returning }) },
    at + (returning ? Math.max(keepMs, awaitedMs(options)) : keepMs),
  );
  if (session === undefined) return;
  deps.log.debug('session ended', { reason, transport: session.transport });
  const removed = returning ? undefined : removePresences(stores.sockets, presencesOf(session));
  const listened = how.listenersRan === true ? undefined : deps.runtime.end(session, reason);
  const outcomes = await Promise.allSettled([removed, listened]);
  await closeConnections(deps, session, how);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected')
      deps.log.error('a session ended badly', { reason, error: outcome.reason });
  }
}

/** A WebSocket that still probes ends with its session. */
async function closeConnections({ gateway, log }: Deps, session: EngineSession, how: How): Promise<void> {
  const connections = [
    how.disconnected === true ? undefined : session.connectionId,
    session.probing?.connectionId,
  ];
  for (const connectionId of connections) {
    if (connectionId === undefined) continue;
    try {
      await gateway.close(connectionId);
    } catch (error) {
      // The client is cut at its next frame, or by its own heartbeat.
      log.warn('a connection could not be closed', { connectionId, error });
    }
  }
}
