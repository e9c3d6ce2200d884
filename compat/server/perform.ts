import type { EngineSession } from '../../lambdas/ports/socketio.ts';
import type { Outlet, RunResult } from '../types.ts';
import { collectChanges } from './changes.ts';
import { commit, hasUnstored, refuseOversized } from './commit.ts';
import { drop } from './drop.ts';
import { Invocation } from './invocation.ts';
import { replay } from './replay.ts';
import { within } from './scope.ts';
import { atMost, turn } from './timing.ts';
import type { World } from './world.ts';

export interface Task {
  readonly session: EngineSession;
  readonly outlet: Outlet;
  readonly work: (invocation: Invocation) => Promise<void> | void;
}

/** One invocation from beginning to end: sockets back, the work, silence, what changed, sockets forgotten. */
export async function perform(world: World, { session, outlet, work }: Task): Promise<RunResult> {
  const invocation = new Invocation(world, session, outlet);
  within(invocation.scope('replay'), () => world.engine.emit('connection', invocation.conn));
  try {
    const done = live(invocation, work);
    // Awaited below; when it is late nobody waits for it any more.
    done.catch(() => {});
    if ((await untilDone(invocation, done)) === 'late') reportLate(invocation);
    await invocation.outgoing.settled();
    await storeFirst(invocation);
    const changes = collectChanges(invocation);
    await drop(invocation);
    await invocation.outgoing.finish();
    if (invocation.failure !== undefined) throw invocation.failure;
    return { changes, ...endOf(invocation) };
  } finally {
    if (!invocation.over) await drop(invocation);
    for (const work of [invocation, ...invocation.apart]) world.turns.end(work);
  }
}

function endOf({ closed, held, known }: Invocation): Pick<RunResult, 'close' | 'held'> {
  return {
    ...(closed === undefined ? {} : { close: closed }),
    ...(held === undefined ? {} : { held: { ...held, known } }),
  };
}

/**
 * A client that polls sends its answer only after the request that is being handled now: waiting for it to the end would
 * keep it from upgrading, too.
 */
async function untilDone(invocation: Invocation, done: Promise<void>): Promise<'done' | 'late'> {
  const { session, asked, world } = invocation;
  const { deadlineMs, callbackMs } = world.limits;
  if (session.transport === 'websocket') return atMost(deadlineMs, done);
  const unanswered = asked.then(() => atMost(callbackMs, done));
  const first = Promise.race([done, unanswered.then(() => {})]);
  if ((await atMost(deadlineMs, first)) === 'late') return 'late';
  return atMost(0, done);
}

/** What the engine's commit would be too late or too large for. */
async function storeFirst(invocation: Invocation): Promise<void> {
  const { conn, outgoing, world } = invocation;
  const wasOpen = conn.readyState === 'open';
  await storeNewSockets(invocation);
  await outgoing.settled();
  await refuseOversized(invocation);
  // Listeners of sockets that end here; handlers that were late already are not waited for again.
  if (wasOpen && conn.readyState !== 'open') await atMost(world.limits.callbackMs, quiet(invocation));
}

/**
 * A client that connects and is gone at once: $disconnect finds no socket in the row, and the engine's commit comes too
 * late. Storing new sockets here, where their disconnect listeners can still run, costs no more: it replaces that commit.
 * A polling session has no $disconnect, and its commit carries its packets.
 */
async function storeNewSockets(invocation: Invocation): Promise<void> {
  if (invocation.session.transport !== 'websocket' || !hasUnstored(invocation)) return;
  try {
    await commit(invocation);
  } catch (error) {
    invocation.fail(error);
  }
}

async function live(invocation: Invocation, work: Task['work']): Promise<void> {
  await replay(invocation);
  await work(invocation);
  await quiet(invocation);
  await invocation.world.background.work.settled();
}

/** A packet reaches its listeners some ticks after it was fed, and what they wait for may start more. */
async function quiet({ work }: Invocation): Promise<void> {
  do {
    await turn();
    await work.settled();
    await turn();
  } while (!work.idle);
}

function reportLate({ world, work, session }: Invocation): void {
  world.log.error('Handlers were still working when the invocation had to end', {
    milliseconds: world.limits.deadlineMs,
    pending: work.count,
    namespaces: Object.keys(session.sockets),
  });
}
