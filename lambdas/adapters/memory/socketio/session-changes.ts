import { utf8Length } from '../../../domain/utf8.ts';
import { SOCKETIO_SESSION } from '../../../manifest/limits.ts';
import {
  byNamespace,
  isFull,
  isTaken,
  isTooLarge,
  newSocket,
  type NamespaceChange,
} from '../../socketio/session-rules.ts';
import type {
  CommitOutcome,
  EngineSession,
  Namespace,
  SessionChanges,
  StoredSocket,
} from '../../../ports/socketio.ts';

/** What a commit answers and what it leaves; `session` is absent when nothing was written. */
export function applyChanges(
  session: EngineSession,
  changes: SessionChanges,
): { readonly answer: CommitOutcome; readonly session?: EngineSession } {
  const { connectionId } = session;
  const wanted = changes.packets ?? [];
  const moved = wanted.length > 0 && connectionId !== undefined;
  const packets = moved ? [] : wanted;
  const namespaces = byNamespace(changes);
  if (isTooLarge(namespaces, wanted)) return { answer: { outcome: 'full' } };
  if (session.closed !== undefined) return { answer: { outcome: 'closed' } };
  if (isTaken(session, namespaces)) return { answer: { outcome: 'conflict' } };
  if (isFull(session, namespaces, packets)) return { answer: { outcome: 'full' } };
  const next = {
    ...session,
    sockets: socketsAfter(session, namespaces),
    ...(namespaces.some(({ connect }) => connect !== undefined) && { joined: true as const }),
    outbox: [...session.outbox, ...packets],
  };
  if (utf8Length(JSON.stringify(next)) > SOCKETIO_SESSION.bytes) return { answer: { outcome: 'full' } };
  return { answer: moved ? { outcome: 'moved', connectionId } : { outcome: 'committed' }, session: next };
}

function socketsAfter(
  session: EngineSession,
  changes: readonly NamespaceChange[],
): Record<Namespace, StoredSocket> {
  const sockets = new Map(Object.entries(session.sockets));
  for (const change of changes) {
    if (change.disconnected) sockets.delete(change.nsp);
    const socket =
      change.connect === undefined
        ? changed(sockets.get(change.nsp), change)
        : newSocket(change.connect, change);
    if (socket !== undefined) sockets.set(change.nsp, socket);
  }
  return Object.fromEntries(sockets);
}

/** Changes of a socket that is not there any more come too late and are dropped. */
function changed(socket: StoredSocket | undefined, change: NamespaceChange): StoredSocket | undefined {
  return socket && newSocket(socket, change);
}
