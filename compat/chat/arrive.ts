import type { Socket } from 'socket.io';

import { announcePresence } from '../../lambdas/app/announce-presence.ts';
import { socketRoomOf } from '../../lambdas/manifest/dialects.ts';
import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import { isMuted } from '../server/scope.ts';
import { admissionOf } from './admit.ts';
import type { Host } from './deps.ts';
import { depart } from './depart.ts';
import { hear } from './hear.ts';
import { isElsewhere } from './others-online.ts';
import { personOf, sidOf } from './person.ts';
import { PRESENCE_GRACE_MS } from './presence.ts';
import type { Returns } from './recall.ts';
import { tell } from './tell.ts';

/** The connection listener. It runs again in every invocation, to attach handlers; the rest happens once. */
export function arrival(host: Host, returns: Returns): (socket: Socket) => unknown {
  return async (socket) => {
    socket.onAny(hear(host, socket));
    socket.on('disconnect', () => depart(host, socket));
    if (isMuted()) return;
    if (socket.recovered) await comeBack(host, socket, returns.take(socket.id));
    else await enter(host, socket);
  };
}

async function enter(host: Host, socket: Socket): Promise<void> {
  const { userId, username } = personOf(socket);
  const { roomIds = [], isFirst = false } = admissionOf(socket) ?? {};
  const rooms = [userId, ...roomIds.map(socketRoomOf)];
  await socket.join(rooms.slice(0, SOCKETIO_SESSION.roomsPerSocket));
  tell(host, socket, { kind: 'session.connected', user: { id: userId, username } });
  if (isFirst) await announce(host, socket);
}

/** The token was good a moment ago (recall.ts), and nobody was told of a short absence. */
async function comeBack(host: Host, socket: Socket, lostAt: number | undefined): Promise<void> {
  const { userId } = personOf(socket);
  const at = host.deps.clock.now();
  if (lostAt === undefined || at - lostAt < PRESENCE_GRACE_MS) return;
  if (!(await isElsewhere(host, userId, { sid: sidOf(socket), at }))) await announce(host, socket);
}

async function announce({ deps }: Host, socket: Socket): Promise<void> {
  const { userId, username } = personOf(socket);
  try {
    const at = deps.clock.now();
    await announcePresence(deps, { userId, username, isOnline: true, at, except: socket.id });
  } catch (error) {
    // It is in, whoever knows.
    deps.log.warn('nobody was told that somebody is online', { error });
  }
}
