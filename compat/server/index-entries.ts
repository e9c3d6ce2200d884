import { EXPIRY } from '../../lambdas/manifest/limits.ts';
import type { Place, SocketId } from '../../lambdas/ports/socketio.ts';
import type { Invocation } from './invocation.ts';

/** Makes a socket of the run be found at a place, unless the run did so before. */
export async function addToIndex(invocation: Invocation, place: Place, socketId: SocketId): Promise<void> {
  const { world, session, indexed } = invocation;
  const key = JSON.stringify(place);
  if (indexed.has(key)) return;
  indexed.add(key);
  const { sid, connectionId } = session;
  const entry = { socketId, sid, ...(connectionId === undefined ? {} : { connectionId }) };
  await world.stores.sockets.add(place, entry, world.clock.now() + EXPIRY.sessionSeconds * 1000);
}

export async function removeFromIndex(
  { world, indexed, keepsIndex }: Invocation,
  place: Place,
  socketId: SocketId,
): Promise<void> {
  const isNew = indexed.delete(JSON.stringify(place));
  if (isNew || !keepsIndex) await world.stores.sockets.remove(place, socketId);
}
