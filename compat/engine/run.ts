import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type {
  CommitOutcome,
  EnginePacket,
  EngineSession,
  SessionChanges,
} from '../../lambdas/ports/socketio.ts';
import type { Message } from '../types.ts';
import type { Engine } from './deps.ts';
import { createOutlet } from './outlet.ts';
import { presencesAdded, removePresences } from './places.ts';
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
  const outlet = createOutlet((packets) => post(engine, session, { connectionId, packets }));
  const result = await engine.runtime.run(session, messages, outlet);
  const rest = await outlet.rest();
  const stored = await commit(engine, session, result.changes);
  if (!stored) return undefined;
  // Nothing can ride the response of a connection that is closed before it is sent.
  const posted = result.close === undefined ? rest.slice(0, -1) : rest;
  await post(engine, session, { connectionId, packets: posted });
  if (result.close === undefined) return rest.at(-1);
  await engine.sessions.endWith(session.sid, result.close.reason, { listenersRan: true });
  return undefined;
}

/** Runs the application for a polling session: what it sends waits in the outbox, stored by the commit of the run. */
export async function runOnPolling(
  engine: Engine,
  session: EngineSession,
  messages: readonly Message[],
): Promise<void> {
  const outlet = createOutlet((packets) => enqueue(engine, session, packets));
  const result = await engine.runtime.run(session, messages, outlet);
  const packets = await outlet.rest();
  const stored = await commit(engine, session, { ...result.changes, packets });
  if (stored && result.close !== undefined)
    await engine.sessions.endWith(session.sid, result.close.reason, { listenersRan: true });
}

/** Lost packets of a connection that is gone are lost as on a network. */
async function post(
  engine: Engine,
  { sid }: EngineSession,
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
      await post(engine, session, { connectionId: outcome.connectionId, packets: changes.packets ?? [] });
      return true;
    case 'closed':
    case 'conflict':
    case 'full':
      await undo(engine, session, { changes, outcome });
      return false;
  }
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
