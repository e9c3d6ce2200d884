import type { Socket } from 'socket.io';

import type { Millis } from '../../lambdas/domain/entities.ts';
import { socketRoomOf } from '../../lambdas/manifest/dialects.ts';
import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import { isMuted } from '../server/scope.ts';
import { admissionOf } from './admit.ts';
import type { Host } from './deps.ts';
import { depart } from './depart.ts';
import { hear } from './hear.ts';
import { personOf } from './person.ts';
import { expectOnline, mayBeOffline } from './presence.ts';
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
  const { roomIds = [], isAway = false } = admissionOf(socket) ?? {};
  const rooms = [userId, ...roomIds.map(socketRoomOf)];
  await Promise.all([
    socket.join(rooms.slice(0, SOCKETIO_SESSION.roomsPerSocket)),
    isAway ? expectOnline(host.deps, socket) : undefined,
  ]);
  tell(host, socket, { kind: 'session.connected', user: { id: userId, username } });
}

/** The token was good a moment ago (recall.ts), and nobody was told of a short absence. */
async function comeBack({ deps }: Host, socket: Socket, lostAt: Millis | undefined): Promise<void> {
  const at = deps.clock.now();
  if (lostAt === undefined || !mayBeOffline(lostAt, at)) return;
  const { userId: id, username } = personOf(socket);
  try {
    const user = { id, username, createdAt: at };
    if ((await deps.sessions.admit(user, 'must-exist', at)) === 'away') await expectOnline(deps, socket);
  } catch (error) {
    deps.log.warn('nobody was told that somebody is back', { error });
  }
}
