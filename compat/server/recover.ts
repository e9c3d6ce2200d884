import type { Session } from 'socket.io-adapter';

import { timeOfOffset } from '../../lambdas/domain/offset.ts';
import { EXPIRY } from '../../lambdas/manifest/limits.ts';
import type { EngineId, Namespace, StoredSocket } from '../../lambdas/ports/socketio.ts';
import { sleep } from '../sleep.ts';
import { addToIndex, removeFromIndex } from './index-entries.ts';
import type { Invocation } from './invocation.ts';
import { lookUpMissed, type Claimed, type Lost } from './look-up-missed.ts';
import { sessionOf } from './recovery-id.ts';
import type { World } from './world.ts';

/** After these a client may have its socket back (socket.io, `RECOVERABLE_DISCONNECT_REASONS`). */
const RECOVERABLE: ReadonlySet<string> = new Set([
  'transport error',
  'transport close',
  'forced close',
  'ping timeout',
  'server shutting down',
  'forced server close',
]);

/**
 * Connection state recovery: the socket a client had in a session that was lost; what it missed follows the CONNECT reply. Null
 * when it can't have it back; socket.io then makes a new one. The socket is taken, so that nobody else can have it.
 * How each event comes once: docs/decisions/0013.
 */
export async function recover(invocation: Invocation, lost: Lost): Promise<Session | null> {
  const { world } = invocation;
  const first = sessionOf(lost.pid);
  if (world.options.recovery === undefined || first === undefined) return null;
  if (timeOfOffset(lost.offset) === undefined) return null;
  const claimed = await take(invocation, lost, first);
  if (claimed === undefined) return null;
  const recall = world.chat?.recall(lost.nsp);
  const socket =
    recall === undefined ? claimed.socket : { ...claimed.socket, rooms: await recall.rooms(claimed.socket) };
  const verdict = await enter(invocation, lost, { ...claimed, socket });
  if (typeof verdict === 'string') {
    anew(world, verdict);
    await unindex(invocation, lost.nsp, socket);
    return null;
  }
  const { id, rooms } = socket;
  invocation.missed.set(
    lost.nsp,
    verdict.missed.map(({ data }) => [...data]),
  );
  if (verdict.seen.length > 0) invocation.seen.set(id, [lost.offset, ...verdict.seen]);
  return { sid: id, pid: lost.pid, rooms: [id, ...rooms], data: JSON.parse(socket.data), missedPackets: [] };
}

/** Entries of a socket that is not brought back would have its successor on this connection told everything twice. */
async function enter(invocation: Invocation, lost: Lost, back: Claimed): ReturnType<typeof lookUpMissed> {
  try {
    await index(invocation, lost.nsp, back.socket);
    // Who looked for recipients before that has stored by then what it tells them.
    await sleep(invocation.world.limits.settleMs);
    return await lookUpMissed(invocation, lost, back);
  } catch (error) {
    await unindex(invocation, lost.nsp, back.socket);
    throw error;
  }
}

async function take(
  invocation: Invocation,
  { nsp, pid }: Lost,
  first: EngineId,
): Promise<Claimed | undefined> {
  const { world, session } = invocation;
  const { sessions } = world.stores;
  const from = (await sessions.forwarded(first, pid)) ?? first;
  const now = world.clock.now();
  const [claimed] = await Promise.all([sessions.claim(from, nsp, pid), invocation.hold()]);
  if (claimed === undefined) {
    anew(world, 'its session is gone, or somebody has it');
    await letOtherGoFirst(world, from, nsp);
    return undefined;
  }
  const { closed } = claimed.session;
  const windowMs = world.options.recovery?.windowMs ?? 0;
  if (closed === undefined) await leaveOpenSession(invocation, nsp, claimed);
  else if (!RECOVERABLE.has(closed.reason) || now - closed.at > windowMs) {
    anew(world, `it ended as ${closed.reason}, or too long ago`);
    return undefined;
  }
  await sessions.forward(first, pid, session.sid, now + EXPIRY.sessionSeconds * 1000 + windowMs);
  return claimed;
}

function anew({ log }: World, why: string): void {
  log.info('A client that came back starts anew', { why });
}

/** Somebody has the socket already. It may be the other delivery of this very frame, which then is to be answered as that one. */
async function letOtherGoFirst({ stores, limits }: World, sid: EngineId, nsp: Namespace): Promise<void> {
  const before = await stores.sessions.get(sid);
  if (before !== undefined && before.sockets[nsp] === undefined) await sleep(2 * limits.settleMs);
}

/** The client is back before anybody noticed that it was gone: that it was is noticed now. */
async function leaveOpenSession(
  { world, session }: Invocation,
  nsp: Namespace,
  { socket, session: before }: Claimed,
): Promise<void> {
  if (before.sid === session.sid) return;
  await world.end({ ...before, sockets: { [nsp]: socket } }, 'transport close');
  await world.sessions.end(before.sid, 'transport close');
}

async function index(
  invocation: Invocation,
  nsp: Namespace,
  { id, rooms, tag }: StoredSocket,
): Promise<void> {
  if (tag !== undefined) invocation.tags.set(id, tag);
  const added = await Promise.allSettled(
    [id, ...rooms].map((room) => addToIndex(invocation, invocation.place(nsp, id, room), id)),
  );
  // Not before all have ended: what is still being added could not be taken out.
  for (const entry of added) if (entry.status === 'rejected') throw entry.reason;
}

async function unindex(invocation: Invocation, nsp: Namespace, { id, rooms }: StoredSocket): Promise<void> {
  const removed = await Promise.allSettled(
    [id, ...rooms].map((room) => removeFromIndex(invocation, invocation.place(nsp, id, room), id)),
  );
  const left = removed.filter(({ status }) => status === 'rejected').length;
  if (left > 0) invocation.world.log.warn('Entries of a socket that did not come back were left', { left });
}
