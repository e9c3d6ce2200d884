import type { CommitOutcome, SocketId } from '../../lambdas/ports/socketio.ts';
import { collectChanges, snapshot } from './changes.ts';
import type { Invocation } from './invocation.ts';
import { storedElsewhere } from './repeated-connect.ts';
import { within } from './scope.ts';
import { fitsSession } from './session-size.ts';

/**
 * Stores what the run changed so far, because packets must leave or because a socket is new; it counts as stored from then
 * on. Everything else is stored by the engine after the run. Rejects when the store can't answer.
 */
export function commit(invocation: Invocation): Promise<void> {
  return serially(invocation, () => store(invocation));
}

/**
 * A socket enters or leaves a room: its row is written beside the index, not after it, since the application waits for the
 * index only. Once in a run, for what it does with rooms later goes with everything else; not while a socket is new, which
 * is stored whole at the end; not for polling, where the commit carries packets.
 */
export function commitRooms(invocation: Invocation, socketId: SocketId): void {
  const { session, live, roomsLed } = invocation;
  const isStanding = [...live.values()].some(({ socket, stored }) => socket.id === socketId && stored);
  if (roomsLed || session.transport === 'polling' || !isStanding) return;
  invocation.roomsLed = true;
  // What the application does in the same breath goes along.
  const led = Promise.resolve().then(() => (hasUnstored(invocation) ? undefined : commit(invocation)));
  invocation.own(led);
}

/** What a run leaves is stored by the engine, unless it is more than a session may hold. */
export async function refuseOversized(invocation: Invocation): Promise<void> {
  if (!isStored(invocation) && !fitsSession(invocation)) await refused(invocation, 'full');
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
  const { outcome } = fitsSession(invocation)
    ? await invocation.world.stores.sessions.commit(invocation.session.sid, changes)
    : ({ outcome: 'full' } as const);
  if (outcome !== 'committed' && outcome !== 'moved') {
    await refused(invocation, outcome);
    return;
  }
  invocation.replaced.clear();
  for (const [nsp, live, now] of snapshots) {
    live.stored = now;
    if (now === undefined && invocation.live.get(nsp) === live) invocation.live.delete(nsp);
  }
}

/** Whether there is nothing to store, now. */
export function isStored(invocation: Invocation): boolean {
  return Object.keys(collectChanges(invocation)).length === 0;
}

/** True while a socket is in memory only. If the connection is lost meanwhile, nobody else can tell the application. */
export function hasUnstored({ live }: Invocation): boolean {
  return [...live.values()].some(({ socket, stored }) => socket.connected && stored === undefined);
}

type Refusal = Exclude<CommitOutcome['outcome'], 'committed' | 'moved'>;

/** Nothing this run did is stored: what it made ends here, and the session too unless it is or becomes somebody else's. */
async function refused(invocation: Invocation, outcome: Refusal): Promise<void> {
  const { world, session, outgoing } = invocation;
  const replies = outcome === 'conflict' ? await storedElsewhere(invocation) : undefined;
  world.log.info('A run of a Socket.IO session was not stored', { outcome, repeated: replies !== undefined });
  outgoing.discard();
  if (outcome === 'full') {
    invocation.lost = true;
    within(invocation.scope('frame'), () => invocation.conn.end('forced close'));
    return;
  }
  forsake(invocation);
  if (replies !== undefined) {
    invocation.closed = undefined;
    outgoing.write(replies);
  } else if (outcome === 'conflict') await world.sessions.end(session.sid, 'forced close');
}

/** Ends the sockets of this run; those that are stored belong to whoever serves the session, or has ended it. */
function forsake(invocation: Invocation): void {
  const { live, conn } = invocation;
  invocation.lost = true;
  // Entries of before are theirs; those of this run are not.
  invocation.keepsIndex = true;
  within(invocation.scope('frame'), () => {
    for (const { socket, stored } of live.values()) {
      if (stored === undefined) continue;
      socket.connected = false;
      socket.nsp.adapter.delAll(socket.id);
    }
    conn.end('transport close');
  });
}
