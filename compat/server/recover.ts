import type { Session } from 'socket.io-adapter';

import { EXPIRY } from '../../lambdas/manifest/limits.ts';
import type { Namespace, Place, StoredSocket } from '../../lambdas/ports/socketio.ts';
import { fromText } from './binary-json.ts';
import { addToIndex, removeFromIndex } from './index-entries.ts';
import type { Invocation } from './invocation.ts';
import { isOffset, sessionOf } from './recovery-id.ts';
import type { MissedEvent } from './world.ts';

/** After these a client may have its socket back (socket.io, `RECOVERABLE_DISCONNECT_REASONS`). */
const RECOVERABLE: ReadonlySet<string> = new Set([
  'transport error',
  'transport close',
  'forced close',
  'ping timeout',
  'server shutting down',
  'forced server close',
]);

export interface Lost {
  readonly nsp: Namespace;
  /** What the client says: the recovery id of its socket, and the last offset it got. */
  readonly pid: string;
  readonly offset: string;
}

/**
 * Connection state recovery: the socket a client had in a session that was lost, with what it missed. Null when it can't
 * have it back; socket.io then makes a new one. The socket is taken, so that nobody else can have it.
 */
export async function recover(invocation: Invocation, lost: Lost): Promise<Session | null> {
  const { world, session } = invocation;
  const first = sessionOf(lost.pid);
  if (world.options.recovery === undefined || first === undefined || !isOffset(lost.offset)) return null;
  const { sessions } = world.stores;
  const from = (await sessions.forwarded(first, lost.pid)) ?? first;
  const claimed = await sessions.claim(from, lost.nsp, lost.pid);
  if (claimed === undefined) return null;
  const { socket, session: before } = claimed;
  const now = world.clock.now();
  if (before.closed === undefined) await leaveOpenSession(invocation, lost.nsp, claimed);
  else if (!RECOVERABLE.has(before.closed.reason) || now - before.closed.at > world.options.recovery.windowMs)
    return null;
  const keepUntil = now + EXPIRY.sessionSeconds * 1000 + world.options.recovery.windowMs;
  const recall = world.chat?.recall(lost.nsp);
  const back = recall === undefined ? socket : { ...socket, rooms: await recall.rooms(socket) };
  await Promise.all([
    sessions.forward(first, lost.pid, session.sid, keepUntil),
    index(invocation, lost.nsp, back),
  ]);
  // After the index, so that what is sent meanwhile is in one of the two.
  const [logged, recalled] = await Promise.all([
    missed(invocation, lost, back),
    recall?.missed({
      socket: back,
      offset: lost.offset,
      ...(before.closed === undefined ? {} : { lostAt: before.closed.at }),
    }) ?? [],
  ]);
  if (recalled === undefined) {
    await unindex(invocation, lost.nsp, back);
    return null;
  }
  const missedPackets = inOrder([...logged, ...recalled]);
  const data: unknown = JSON.parse(socket.data);
  return { sid: socket.id, pid: lost.pid, rooms: [socket.id, ...back.rooms], data, missedPackets };
}

type Claimed = NonNullable<Awaited<ReturnType<Invocation['world']['stores']['sessions']['claim']>>>;

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
  await Promise.all(
    [id, ...rooms].map((room) => addToIndex(invocation, invocation.place(nsp, id, room), id)),
  );
}

async function unindex(invocation: Invocation, nsp: Namespace, { id, rooms }: StoredSocket): Promise<void> {
  await Promise.all(
    [id, ...rooms].map((room) => removeFromIndex(invocation, invocation.place(nsp, id, room), id)),
  );
}

/** As socket.io's own adapter picks them (`shouldIncludePacket`): sent to one of the rooms, excluded by none. */
async function missed(
  { world }: Invocation,
  { nsp, offset }: Lost,
  { id, rooms }: StoredSocket,
): Promise<readonly MissedEvent[]> {
  const names = [id, ...rooms];
  const places: Place[] = [{ nsp }, ...names.map((room) => ({ nsp, room }))];
  const logs = await Promise.all(
    places.map((place) => world.stores.packets.since(place, offset, world.clock.now())),
  );
  const packets = logs.flat().filter(({ except }) => !except.some((name) => names.includes(name)));
  return packets.map((packet) => ({ ...packet, data: fromText(packet.data) as unknown[] }));
}

/** Each once; several events may have one offset: what a message is called in several vocabularies. */
function inOrder(events: readonly MissedEvent[]): unknown[][] {
  const unique = new Map(events.map((event) => [JSON.stringify([event.offset, event.data[0]]), event]));
  return [...unique.values()]
    .toSorted((one, other) => (one.offset < other.offset ? -1 : 1))
    .map(({ data }) => [...data]);
}
