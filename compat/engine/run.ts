import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type {
  CommitOutcome,
  EnginePacket,
  EngineSession,
  SessionChanges,
} from '../../lambdas/ports/socketio.ts';
import { EXPIRY } from '../../lambdas/manifest/limits.ts';
import type { Message } from '../types.ts';
import type { Engine } from './deps.ts';
import { createOutlet } from './outlet.ts';
import { connectedBy, moveSockets, presencesAdded, removePresences } from './places.ts';
import { isHeld, release, unlessHeld } from './held.ts';
import { postAll } from './sessions.ts';

/**
 * Runs the application for a session on a connection: run, commit, post. Everything but the last packet is posted; that
 * one is answered, to ride the route response.
 */
export async function runOnConnection(
  engine: Engine,
  session: EngineSession & { readonly connectionId: ConnectionId },
  messages: readonly Message[],
): Promise<EnginePacket | undefined> {
  const { connectionId } = session;
  const send = (packets: readonly EnginePacket[]) => post(engine, session, { connectionId, packets });
  const held = connects(messages) ? false : isHeld(engine, session);
  const speak = (packets: readonly EnginePacket[]) =>
    held ? unlessHeld(engine, session, { packets, send }) : send(packets);
  const outlet = createOutlet(speak);
  const result = await engine.runtime.run(session, messages, outlet);
  const rest = await outlet.rest();
  const stored = await commit(engine, session, result.changes);
  if (!stored) return undefined;
  // Nothing can ride the response of a connection that is closed before it is sent, nor come before what others deferred.
  const rides = result.close === undefined && result.held === undefined && !held;
  const packets = rides ? rest.slice(0, -1) : rest;
  await speak(packets);
  if (result.held !== undefined) await release(engine, session, { held: result.held, send });
  if (rides) return rest.at(-1);
  if (result.close !== undefined)
    await engine.sessions.endWith(session.sid, result.close.reason, { listenersRan: true });
  return undefined;
}

/** What brings a socket back is not held up by another one that comes back. */
function connects(messages: readonly Message[]): boolean {
  return messages.some(({ text }) => text.startsWith('0'));
}

/** Runs the application for a polling session: what it sends waits in the outbox, stored by the commit of the run. */
export async function runOnPolling(
  engine: Engine,
  session: EngineSession,
  messages: readonly Message[],
): Promise<void> {
  const send = (packets: readonly EnginePacket[]) => enqueue(engine, session, packets);
  const outlet = createOutlet(send);
  const result = await engine.runtime.run(session, messages, outlet);
  const packets = await outlet.rest();
  const held = result.held === undefined ? {} : { heldUntil: result.held.until };
  const stored = await commit(engine, { ...session, ...held }, { ...result.changes, packets });
  if (stored && result.held !== undefined) await release(engine, session, { held: result.held, send });
  if (stored && result.close !== undefined)
    await engine.sessions.endWith(session.sid, result.close.reason, { listenersRan: true });
}

/** Lost packets of a connection that is gone are lost as on a network. */
async function post(
  engine: Engine,
  { sid }: Pick<EngineSession, 'sid'>,
  {
    connectionId,
    packets,
  }: { readonly connectionId: ConnectionId; readonly packets: readonly EnginePacket[] },
): Promise<void> {
  const outcome = await postAll(engine, connectionId, packets);
  if (outcome === 'too-large') engine.log.error('a packet is too large for API Gateway', { connectionId });
  if (outcome === 'gone') await engine.sessions.end(sid, 'transport close');
}

async function enqueue(
  engine: Engine,
  session: EngineSession,
  packets: readonly EnginePacket[],
): Promise<void> {
  const outcome = await engine.stores.sessions.enqueue(session.sid, packets);
  if (outcome === 'full') await engine.sessions.end(session.sid, 'transport error');
  if (typeof outcome === 'object') await post(engine, session, { ...outcome, packets });
}

/** False when the session is over: it had ended meanwhile, or ends because it cannot be stored. */
async function commit(engine: Engine, session: EngineSession, changes: SessionChanges): Promise<boolean> {
  if (isEmpty(changes)) return true;
  const outcome = await engine.stores.sessions.commit(session.sid, changes);
  switch (outcome.outcome) {
    case 'committed':
      return true;
    case 'moved':
      await follow(engine, session, { changes, connectionId: outcome.connectionId });
      return true;
    case 'closed':
    case 'conflict':
    case 'full':
      await undo(engine, session, { changes, outcome });
      return false;
  }
}

/** Whoever moved the session did not know of sockets that are new: their entries say where it is once their CONNECT is answered. */
async function follow(
  engine: Engine,
  { sid, heldUntil }: EngineSession,
  { changes, connectionId }: { readonly changes: SessionChanges; readonly connectionId: ConnectionId },
): Promise<void> {
  await post(engine, { sid }, { connectionId, packets: changes.packets ?? [] });
  const moved = {
    sid,
    connectionId,
    sockets: connectedBy(changes),
    ...(heldUntil !== undefined && { heldUntil }),
  };
  await moveSockets(engine.stores.sockets, moved, engine.clock.now() + EXPIRY.sessionSeconds * 1000);
}

/**
 * Sockets are put into the index while the application runs. What was not stored must not stay there: nobody else would
 * ever remove it.
 */
async function undo(
  engine: Engine,
  session: EngineSession,
  { changes, outcome }: { readonly changes: SessionChanges; readonly outcome: CommitOutcome },
): Promise<void> {
  engine.log.info('a session could not be stored', { outcome: outcome.outcome });
  await removePresences(engine.stores.sockets, presencesAdded(session, changes));
  // As the stock server ends a client that CONNECTs twice (socket.io, `Client.ondecoded`).
  await engine.sessions.end(session.sid, 'forced close');
}

function isEmpty({ sockets, joined, left, disconnected, packets }: SessionChanges): boolean {
  const lists = [Object.keys(sockets ?? {}), joined, left, disconnected, packets];
  return lists.every((list) => (list?.length ?? 0) === 0);
}
