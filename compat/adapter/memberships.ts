import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import type { Namespace, SocketId } from '../../lambdas/ports/socketio.ts';
import { commitRooms } from '../server/commit.ts';
import type { Invocation } from '../server/invocation.ts';
import { addToIndex, removeFromIndex } from '../server/index-entries.ts';
import { currentScope } from '../server/scope.ts';

/** A socket of the running invocation, as an adapter is told about it. */
export interface Member {
  readonly nsp: Namespace;
  readonly id: SocketId;
}

/**
 * Rooms a socket really enters now, with the promise of their index entries; nothing when the application only repeats
 * itself. In a replay socket.io lets the socket join what is stored, and the application may join what it likes.
 */
export function joinRooms(
  { nsp, id }: Member,
  rooms: ReadonlySet<string>,
): { readonly entered: readonly string[]; readonly stored: Promise<void> } | undefined {
  const scope = currentScope();
  if (scope === undefined || scope.phase === 'drop') return undefined;
  const { invocation, phase } = scope;
  if (invocation.over || invocation.lost) return undefined;
  const mine = invocation.rooms.get(id) ?? new Set();
  invocation.rooms.set(id, mine);
  const entered = [...rooms].filter(
    (room) => !mine.has(room) && (phase === 'frame' || isStored(invocation, { nsp, id }, room)),
  );
  // One more than rooms: its own id.
  if (mine.size + entered.length > SOCKETIO_SESSION.roomsPerSocket + 1)
    throw new RangeError(`A socket can be in at most ${SOCKETIO_SESSION.roomsPerSocket} rooms`);
  for (const room of entered) mine.add(room);
  if (phase === 'frame' && entered.length > 0) commitRooms(invocation, id);
  const stored = phase === 'frame' ? indexAll(invocation, { nsp, id }, entered) : Promise.resolve();
  return { entered, stored };
}

/** True when the socket was in the room; its index entry goes. */
export function leaveRoom(
  { nsp, id }: Member,
  room: string,
): { readonly left: boolean; readonly stored: Promise<void> } {
  const scope = currentScope();
  if (scope?.phase !== 'frame' || scope.invocation.over) return { left: false, stored: Promise.resolve() };
  const { invocation } = scope;
  const left = invocation.rooms.get(id)?.delete(room) === true;
  if (left && room !== id) commitRooms(invocation, id);
  // The entry of its own id is how the namespace reaches it, which leaving that room does not change.
  const stored = left && room !== id ? unindex(invocation, { nsp, id }, room) : Promise.resolve();
  return { left, stored };
}

/** A socket that has been disconnected is in no room; at the end of a run it is only forgotten. */
export function leaveAllRooms({ nsp, id }: Member): void {
  const scope = currentScope();
  if (scope === undefined || scope.phase === 'replay') return;
  const { invocation, phase } = scope;
  const rooms = new Set([id, ...(invocation.rooms.get(id) ?? [])]);
  const isIn = invocation.rooms.delete(id);
  if (phase === 'frame' && isIn) for (const room of rooms) unindex(invocation, { nsp, id }, room).catch(noop);
}

export function roomsOf(id: SocketId): Set<string> | undefined {
  return currentScope()?.invocation.rooms.get(id);
}

function isStored({ session, replaying }: Invocation, { nsp, id }: Member, room: string): boolean {
  return replaying && (room === id || session.sockets[nsp]?.rooms.includes(room) === true);
}

function indexAll(invocation: Invocation, { nsp, id }: Member, rooms: readonly string[]): Promise<void> {
  const added = rooms.map((room) => addToIndex(invocation, invocation.place(nsp, id, room), id));
  return owned(invocation, Promise.all(added));
}

function unindex(invocation: Invocation, { nsp, id }: Member, room: string): Promise<void> {
  return owned(invocation, removeFromIndex(invocation, invocation.place(nsp, id, room), id));
}

/** The run waits for it and fails with it, whether or not the application looks at it. */
function owned(invocation: Invocation, work: Promise<unknown>): Promise<void> {
  invocation.own(work);
  const done = work.then(noop);
  // socket.io itself does not look when a socket joins its own room: an unhandled rejection would end the instance.
  done.catch(noop);
  return done;
}

/** Its failure has been noted by the run. */
function noop(): void {}
