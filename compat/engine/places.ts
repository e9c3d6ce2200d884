import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type {
  EngineId,
  EngineSession,
  Place,
  SessionChanges,
  SocketId,
  SocketIndex,
} from '../../lambdas/ports/socketio.ts';

/** One entry of the socket index. */
export interface Presence {
  readonly place: Place;
  readonly socketId: SocketId;
  readonly sid: EngineId;
  readonly tag?: string;
}

/** Every place the sockets of a session are in. */
export function presencesOf({ sid, sockets }: Pick<EngineSession, 'sid' | 'sockets'>): readonly Presence[] {
  return Object.entries(sockets).flatMap(([nsp, { id: socketId, rooms, tag }]) =>
    [{ nsp }, ...rooms.map((room) => ({ nsp, room }))].map((place) => ({
      place,
      socketId,
      sid,
      ...(tag === undefined ? {} : { tag }),
    })),
  );
}

/** Every place that these changes would have added, had they been stored. */
export function presencesAdded(
  session: EngineSession,
  { sockets = {}, joined = [] }: SessionChanges,
): readonly Presence[] {
  const rooms = joined.flatMap(({ nsp, room }) => {
    const socketId = sockets[nsp]?.connect?.id ?? session.sockets[nsp]?.id;
    return socketId === undefined ? [] : [{ place: { nsp, room }, socketId, sid: session.sid }];
  });
  return [...presencesOf({ sid: session.sid, sockets: connectedBy({ sockets }) }), ...rooms];
}

/** The new sockets among these changes. */
export function connectedBy({ sockets = {} }: Pick<SessionChanges, 'sockets'>): EngineSession['sockets'] {
  const connected = Object.entries(sockets).flatMap(([nsp, { connect }]) =>
    connect === undefined ? [] : [[nsp, connect] as const],
  );
  return Object.fromEntries(connected);
}

export async function removePresences(index: SocketIndex, presences: readonly Presence[]): Promise<void> {
  await mapBounded(presences, FAN_OUT.concurrency, ({ place, ...socket }) => index.remove(place, socket));
}

/** After an upgrade: from now on the sockets are reached by a connection. */
export async function moveSockets(
  index: SocketIndex,
  {
    sid,
    connectionId,
    sockets,
    heldUntil,
  }: Pick<EngineSession, 'sid' | 'connectionId' | 'sockets' | 'heldUntil'>,
  expiresAt: Millis,
): Promise<void> {
  const reached = {
    ...(connectionId === undefined ? {} : { connectionId }),
    ...(heldUntil === undefined ? {} : { heldUntil }),
  };
  await mapBounded(presencesOf({ sid, sockets }), FAN_OUT.concurrency, ({ place, ...entry }) =>
    index.add(place, { ...entry, ...reached }, expiresAt),
  );
}
