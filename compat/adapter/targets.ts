import type { Clock } from '../../lambdas/ports/runtime.ts';
import type {
  EngineId,
  Namespace,
  Place,
  SocketEntry,
  SocketId,
  SocketIndex,
} from '../../lambdas/ports/socketio.ts';

/** Whom a broadcast is for, as socket.io's adapters are told: names are rooms or ids of sockets. */
export interface Selection {
  readonly nsp: Namespace;
  /** Empty: everybody in the namespace. */
  readonly rooms: ReadonlySet<string>;
  readonly except: ReadonlySet<string>;
  /** The session whose own sockets have been served already. */
  readonly own?: { readonly sid: EngineId; readonly ids: ReadonlySet<SocketId> };
}

/** Where the index has, or may have, what a selection found. */
export function placesOf({ nsp, rooms }: Selection, { socketId }: SocketEntry): readonly Place[] {
  if (rooms.size === 0) return [{ nsp }];
  return [...rooms].map((room) => (room === socketId ? { nsp } : { nsp, room }));
}

export interface TargetsDeps {
  readonly sockets: SocketIndex;
  readonly clock: Clock;
}

/** Ids of sockets look like this (socket.io `base64id`); a room may, too, so both are asked. */
const SOCKET_ID = /^[\w-]{20}$/;

/** Sockets elsewhere that a selection names, each once. */
export async function findTargets(deps: TargetsDeps, selection: Selection): Promise<readonly SocketEntry[]> {
  const { rooms, except, own } = selection;
  // The own socket's id stands in `except` of nearly every broadcast and needs no look-up.
  const asked = [...except].filter((name) => own?.ids.has(name) !== true);
  const [included, excluded] = await Promise.all([
    rooms.size === 0
      ? deps.sockets.list({ nsp: selection.nsp }, deps.clock.now())
      : named(deps, selection, [...rooms]),
    named(deps, selection, asked),
  ]);
  const out = new Set([...except, ...excluded.map(({ socketId }) => socketId)]);
  const found = new Map<SocketId, SocketEntry>();
  for (const entry of included)
    if (entry.sid !== own?.sid && !out.has(entry.socketId)) found.set(entry.socketId, entry);
  return [...found.values()];
}

async function named(
  { sockets, clock }: TargetsDeps,
  { nsp, own }: Selection,
  names: readonly string[],
): Promise<readonly SocketEntry[]> {
  const at = clock.now();
  const found = await Promise.all(
    names.map(async (room) => {
      const mayBeSocket = SOCKET_ID.test(room) && own?.ids.has(room) !== true;
      const [members, socket] = await Promise.all([
        sockets.list({ nsp, room }, at),
        mayBeSocket ? sockets.find(nsp, room, at) : undefined,
      ]);
      return socket === undefined ? members : [...members, socket];
    }),
  );
  return found.flat();
}
