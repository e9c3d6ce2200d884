import { EXPIRY } from '../../lambdas/manifest/limits.ts';
import type { Place, SocketId } from '../../lambdas/ports/socketio.ts';
import type { Invocation } from './invocation.ts';

/** Makes a socket of the run be found at a place, unless the run did so before. */
export function addToIndex(invocation: Invocation, place: Place, socketId: SocketId): Promise<void> {
  const { world, session, indexed, tags, held } = invocation;
  const key = keyOf(place, socketId);
  const before = indexed.get(key);
  if (before !== undefined) return before;
  const { sid, connectionId } = session;
  const tag = tags.get(socketId);
  const entry = {
    socketId,
    sid,
    ...(connectionId === undefined ? {} : { connectionId }),
    ...(tag === undefined ? {} : { tag }),
    ...(held === undefined ? {} : { heldUntil: held.until }),
  };
  const added = world.stores.sockets.add(place, entry, world.clock.now() + EXPIRY.sessionSeconds * 1000);
  indexed.set(key, added);
  return added;
}

/** Has the entry of a socket of the run say its new tag. What this run adds from now on says it anyway. */
export async function retag(
  { world, session, indexed }: Invocation,
  place: Place,
  { socketId, tag }: { readonly socketId: SocketId; readonly tag: string },
): Promise<void> {
  await indexed.get(keyOf(place, socketId))?.catch(noop);
  await world.stores.sockets.tag(place, { socketId, sid: session.sid }, tag);
}

/** After the entry has been written, if this run is still writing it: the other way round it would stay. */
export async function removeFromIndex(
  { world, session, indexed, keepsIndex }: Invocation,
  place: Place,
  socketId: SocketId,
): Promise<void> {
  const key = keyOf(place, socketId);
  const added = indexed.get(key);
  indexed.delete(key);
  if (added === undefined && keepsIndex) return;
  await added?.catch(noop);
  await world.stores.sockets.remove(place, { socketId, sid: session.sid });
}

function keyOf(place: Place, socketId: SocketId): string {
  return JSON.stringify([place.nsp, place.room, socketId]);
}

/** Whoever added it has been told. */
function noop(): void {}
