import type { CommitOutcome } from '../../lambdas/ports/socketio.ts';
import { collectChanges, snapshot } from './changes.ts';
import type { Invocation } from './invocation.ts';
import { within } from './scope.ts';

/**
 * Stores what the run changed so far, because packets must leave or because a socket is new; it counts as stored from then
 * on. Everything else is stored by the engine after the run. Rejects when the store can't answer.
 */
export function commit(invocation: Invocation): Promise<void> {
  return serially(invocation, () => store(invocation));
}

/**
 * One write of the session after another: the flush of a slow run may come while its new sockets are being stored, and
 * storing them twice would be a conflict.
 */
export function serially<T>(invocation: Invocation, write: () => Promise<T>): Promise<T> {
  const before = writing.get(invocation) ?? Promise.resolve();
  const done = before.catch(() => {}).then(write);
  writing.set(invocation, done);
  return done;
}

const writing = new WeakMap<Invocation, Promise<unknown>>();

async function store(invocation: Invocation): Promise<void> {
  const changes = collectChanges(invocation);
  if (Object.keys(changes).length === 0) return;
  const snapshots = [...invocation.live].map(
    ([nsp, live]) => [nsp, live, snapshot(invocation, live)] as const,
  );
  const { outcome } = await invocation.world.stores.sessions.commit(invocation.session.sid, changes);
  if (outcome !== 'committed' && outcome !== 'moved') {
    refused(invocation, outcome);
    return;
  }
  invocation.replaced.clear();
  for (const [nsp, live, now] of snapshots) {
    live.stored = now;
    if (now === undefined && invocation.live.get(nsp) === live) invocation.live.delete(nsp);
  }
}

/** True while a socket is in memory only. If the connection is lost meanwhile, nobody else can tell the application. */
export function hasUnstored({ live }: Invocation): boolean {
  return [...live.values()].some(({ socket, stored }) => socket.connected && stored === undefined);
}

/** The session is over, or can't be kept: its sockets end here, unless whoever closed it has ended them. */
function refused(invocation: Invocation, outcome: CommitOutcome['outcome']): void {
  const { world, live, conn, outgoing } = invocation;
  world.log.info('A Socket.IO session ended while it was served', { outcome });
  outgoing.discard();
  within(invocation.scope('frame'), () => {
    if (outcome !== 'closed') {
      conn.end('forced close');
      return;
    }
    invocation.lost = true;
    // Entries of before have been removed together with the session; those of this run have not.
    invocation.keepsIndex = true;
    for (const { socket, stored } of live.values()) {
      if (stored === undefined) continue;
      socket.connected = false;
      socket.nsp.adapter.delAll(socket.id);
    }
    conn.end('transport close');
  });
}
