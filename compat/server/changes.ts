import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import type { Namespace, SessionChanges, StoredSocket } from '../../lambdas/ports/socketio.ts';
import type { Invocation, LiveSocket } from './invocation.ts';

type Changes = Omit<SessionChanges, 'packets'>;

/** What the run changed of its session since it was stored last. */
export function collectChanges(invocation: Invocation): Changes {
  if (invocation.lost) return {};
  const sockets: Record<Namespace, { connect?: StoredSocket; data?: string; tag?: string }> = {};
  const joined: { nsp: Namespace; room: string }[] = [];
  const left: { nsp: Namespace; room: string }[] = [];
  const disconnected: Namespace[] = [...invocation.replaced];
  for (const [nsp, live] of invocation.live) {
    const { stored } = live;
    const now = snapshot(invocation, live);
    if (now === undefined) {
      if (stored !== undefined) disconnected.push(nsp);
    } else if (stored === undefined) sockets[nsp] = { connect: now };
    else {
      const changed = changedFields(stored, now);
      if (Object.keys(changed).length > 0) sockets[nsp] = changed;
      joined.push(...difference(now.rooms, stored.rooms).map((room) => ({ nsp, room })));
      left.push(...difference(stored.rooms, now.rooms).map((room) => ({ nsp, room })));
    }
  }
  return withoutEmpty({ sockets, joined, left, disconnected });
}

/** The socket as it would be stored now; undefined once it has been disconnected for good. */
export function snapshot(
  invocation: Invocation,
  { socket, auth, stored, kept }: LiveSocket,
): StoredSocket | undefined {
  if (!socket.connected && kept === undefined) return undefined;
  const { id } = socket;
  const pid = stored?.pid ?? invocation.pids.get(id);
  const rooms = kept?.rooms ?? [...(invocation.rooms.get(id) ?? [])].filter((room) => room !== id);
  const data = dataOf(invocation, socket.data) ?? stored?.data ?? '{}';
  const tag = invocation.tags.get(id);
  const seen = stored === undefined ? invocation.seen.get(id) : stored.seen;
  const frame = stored === undefined ? invocation.frames.get(socket.nsp.name) : stored.frame;
  return {
    id,
    ...(pid === undefined ? {} : { pid }),
    ...(frame === undefined ? {} : { frame }),
    auth,
    data,
    rooms,
    ...(tag === undefined ? {} : { tag }),
    ...(seen === undefined ? {} : { seen }),
  };
}

function changedFields(stored: StoredSocket, { data, tag }: StoredSocket): { data?: string; tag?: string } {
  return {
    ...(data === stored.data ? {} : { data }),
    ...(tag === undefined || tag === stored.tag ? {} : { tag }),
  };
}

function dataOf({ world }: Invocation, data: unknown): string | undefined {
  try {
    const text = JSON.stringify(data) ?? '{}';
    const size = Buffer.byteLength(text);
    if (size > SOCKETIO_SESSION.dataBytes)
      world.log.error('socket.data is too large to be stored: its session will be ended', {
        bytes: size,
        limit: SOCKETIO_SESSION.dataBytes,
      });
    return text;
  } catch (error) {
    world.log.error('socket.data was not stored: it must be JSON', { error });
    return undefined;
  }
}

function difference(these: readonly string[], those: readonly string[]): string[] {
  const known = new Set(those);
  return these.filter((item) => !known.has(item));
}

function withoutEmpty(changes: Required<Changes>): Changes {
  const filled = Object.entries(changes).filter(([, value]) => Object.keys(value).length > 0);
  return Object.fromEntries(filled);
}
