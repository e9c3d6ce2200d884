import { randomUUID } from 'node:crypto';

import type { Session } from 'socket.io-adapter';

import type { Namespace, StoredSocket } from '../../lambdas/ports/socketio.ts';
import type { Invocation } from './invocation.ts';
import { rememberProperties } from './lost-state.ts';
import { PACKET, writeHead } from './packet-head.ts';
import { sessionOf } from './recovery-id.ts';
import { within } from './scope.ts';
import { restoreData } from './session-data.ts';
import { atMost } from './timing.ts';

/** How long replayed listeners still may take once one of them waits for the client, which has answered long ago. */
const BLOCKED_MS = 50;

/**
 * Brings the session's sockets back as socket.io brings back any recovered socket: with their ids, rooms and data,
 * without middlewares. Their connection listeners run again, to attach handlers; nothing else they do has an effect.
 */
export async function replay(invocation: Invocation): Promise<void> {
  const sockets = Object.entries(invocation.session.sockets);
  if (sockets.length === 0) return;
  invocation.replaying = true;
  await within(invocation.scope('replay'), () =>
    Promise.all(sockets.map((socket) => reconnect(invocation, socket))),
  );
  await listenersReady(invocation);
  invocation.replaying = false;
  for (const { socket, stored } of invocation.live.values()) {
    if (stored !== undefined) {
      restoreData(socket, stored.data);
      // True for the listeners that ran again; handlers see whether the client recovered this socket.
      Object.assign(socket, { recovered: wasRecovered(invocation, stored) });
    }
    rememberProperties(socket);
  }
}

function reconnect(
  { conn, token }: Invocation,
  [nsp, { auth }]: readonly [Namespace, StoredSocket],
): Promise<void> {
  const answered = conn.answered(nsp);
  const given = { ...(JSON.parse(auth) as object), pid: token, offset: randomUUID() };
  conn.emit('data', `${writeHead(PACKET.connect, nsp)}${JSON.stringify(given)}`);
  return answered;
}

/** A recovery id names the session its socket began in. */
function wasRecovered({ session }: Invocation, { pid }: StoredSocket): boolean {
  return pid !== undefined && sessionOf(pid) !== session.sid;
}

/** Handlers may be attached after an `await`: events wait for that, as their senders wait for the connection. */
async function listenersReady({ replayed, blocked, world }: Invocation): Promise<void> {
  if (replayed.idle) return;
  const ready = replayed.settled();
  const either = Promise.race([ready, blocked.then(() => atMost(BLOCKED_MS, ready))]);
  if ((await atMost(world.limits.replayMs, either)) === 'late')
    world.log.warn('Connection listeners took too long to attach their handlers', {
      milliseconds: world.limits.replayMs,
    });
}

/** Answers socket.io's question for the session to restore. Who does not know the token of this run gets nothing. */
export function replayedSession(
  { session, token }: Invocation,
  { nsp, pid }: { readonly nsp: Namespace; readonly pid: string },
): Session | undefined {
  const stored = session.sockets[nsp];
  if (pid !== token || stored === undefined) return undefined;
  const data: unknown = JSON.parse(stored.data);
  // Its own id first, as in the first life of a socket.
  const rooms = [stored.id, ...stored.rooms];
  return { sid: stored.id, pid: stored.pid ?? '', rooms, data, missedPackets: [] };
}
