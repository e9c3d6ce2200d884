import type { Namespace, Socket } from 'socket.io';
import type { BroadcastOptions } from 'socket.io-adapter';

import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import { EXPIRY, FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { EngineSession, SocketEntry, SocketId } from '../../lambdas/ports/socketio.ts';
import { fromText } from '../server/binary-json.ts';
import { PACKET, writeHead } from '../server/packet-head.ts';
import { groundOf, ownSockets, selectionOf, type Ground } from './broadcast.ts';

/** The sockets somebody means: those of the run as themselves, all others by what is stored of them. */
export interface Meant {
  readonly nsp: Namespace;
  readonly options: BroadcastOptions;
}

/** Details of a socket elsewhere, as socket.io makes a RemoteSocket of them. */
export interface RemoteDetails {
  readonly id: SocketId;
  readonly handshake: Socket['handshake'];
  readonly rooms: readonly string[];
  readonly data: unknown;
}

export async function fetchSockets(meant: Meant): Promise<(Socket | RemoteDetails)[]> {
  const ground = groundOf(meant.nsp);
  if (ground === undefined) return [];
  const own = ownSockets(ground, meant);
  if (meant.options.flags?.local === true) return [...own];
  const entries = await ground.effects.fanOut.find(selectionOf(ground, meant));
  const remote = await mapBounded(entries, FAN_OUT.concurrency, async (entry) =>
    detailsOf(await ground.world.stores.sessions.get(entry.sid), meant.nsp.name),
  );
  return [...own, ...remote.filter((details) => details !== undefined)];
}

export async function socketIds(meant: Meant): Promise<Set<SocketId>> {
  const ground = groundOf(meant.nsp);
  if (ground === undefined) return new Set();
  const own = ownSockets(ground, meant).map(({ id }) => id);
  const entries = await ground.effects.fanOut.find(selectionOf(ground, meant));
  return new Set([...own, ...entries.map(({ socketId }) => socketId)]);
}

export function addSockets(meant: Meant, rooms: readonly string[]): void {
  forEach(meant, {
    own: (socket) => void socket.join([...rooms]),
    async other({ world }, entry) {
      const joined = rooms.map((room) => ({ nsp: meant.nsp.name, room }));
      const { outcome } = await world.stores.sessions.commit(entry.sid, { joined });
      if (outcome !== 'committed') return;
      const expiresAt = world.clock.now() + EXPIRY.sessionSeconds * 1000;
      await Promise.all(joined.map((place) => world.stores.sockets.add(place, entry, expiresAt)));
    },
  });
}

export function delSockets(meant: Meant, rooms: readonly string[]): void {
  forEach(meant, {
    own: (socket) => {
      for (const room of rooms) void socket.leave(room);
    },
    async other({ world }, entry) {
      const left = rooms.map((room) => ({ nsp: meant.nsp.name, room }));
      await Promise.all([
        world.stores.sessions.commit(entry.sid, { left }),
        ...left.map((place) => world.stores.sockets.remove(place, entry)),
      ]);
    },
  });
}

export function disconnectSockets(meant: Meant, close: boolean): void {
  const { nsp } = meant;
  forEach(meant, {
    own: (socket) => void socket.disconnect(close),
    async other({ world, effects }, entry) {
      const session = await world.stores.sessions.get(entry.sid);
      if (session === undefined || session.closed !== undefined) return;
      const namespaces = close ? Object.keys(session.sockets) : [nsp.name];
      const packets = namespaces.map((name) => `4${writeHead(PACKET.disconnect, name)}`);
      if (close) {
        // Until it has arrived: a connection that closes first makes the client come back (reference, mistake 20).
        await effects.fanOut.posts.send(entry, packets);
        await world.sessions.end(entry.sid, SERVER_DISCONNECT);
        return;
      }
      // Before its client knows, who may close the connection at once: only one of the two runs the listeners.
      const { outcome } = await world.stores.sessions.commit(entry.sid, { disconnected: namespaces });
      if (outcome !== 'committed') return;
      await effects.fanOut.posts.send(entry, packets);
      await world.leave(session, nsp.name);
    },
  });
}

/** socket.io's reason when the server ends a socket, even together with its connection. */
const SERVER_DISCONNECT = 'server namespace disconnect';

interface Operation {
  own(socket: Socket): void;
  other(ground: Ground, entry: SocketEntry): Promise<void>;
}

/** Own sockets at once, as in one process; the others in the order of the run's calls. */
function forEach(meant: Meant, operation: Operation): void {
  const ground = groundOf(meant.nsp);
  if (ground === undefined) return;
  const selection = selectionOf(ground, meant);
  for (const socket of ownSockets(ground, meant)) operation.own(socket);
  if (meant.options.flags?.local === true) return;
  const { fanOut } = ground.effects;
  const found = fanOut.find(selection);
  fanOut.operate(async () => {
    await mapBounded(await found, FAN_OUT.concurrency, (entry) => operation.other(ground, entry));
  });
}

/** Undefined for a socket that has left since the index was read. */
function detailsOf(session: EngineSession | undefined, nsp: string): RemoteDetails | undefined {
  const socket = session?.closed === undefined ? session?.sockets[nsp] : undefined;
  if (session === undefined || socket === undefined) return undefined;
  const { handshake } = session;
  const { headers, query, url, address, secure, issued } = handshake;
  const xdomain = headers['origin'] !== undefined;
  const auth = JSON.parse(socket.auth) as Record<string, unknown>;
  const time = String(new Date(issued));
  return {
    id: socket.id,
    handshake: { headers, query, url, address, secure, issued, time, xdomain, auth },
    rooms: [socket.id, ...socket.rooms],
    data: fromText(socket.data),
  };
}
