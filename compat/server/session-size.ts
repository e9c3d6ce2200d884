import { utf8Length } from '../../lambdas/domain/utf8.ts';
import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import type { Namespace, StoredSocket } from '../../lambdas/ports/socketio.ts';
import { snapshot } from './changes.ts';
import type { Invocation } from './invocation.ts';

/** What the sockets of a session take of its row: every KB of it is a unit of each write, pongs included. */
function socketsBytes(sockets: Iterable<readonly [Namespace, StoredSocket]>): number {
  let bytes = 0;
  for (const [nsp, { auth, data, rooms }] of sockets)
    for (const text of [nsp, auth, data, ...rooms]) bytes += utf8Length(text);
  return bytes;
}

/** Whether what a run leaves may be stored; says so in the log if not. */
export function fitsSession(invocation: Invocation): boolean {
  const now = [...invocation.live].flatMap(([nsp, live]) => {
    const socket = snapshot(invocation, live);
    return socket === undefined ? [] : [[nsp, socket] as const];
  });
  const bytes = socketsBytes(now);
  if (bytes <= SOCKETIO_SESSION.socketsBytes) return true;
  invocation.world.log.warn(
    'A session holds too much and ends: names of rooms, auth and data of its sockets',
    {
      bytes,
      limit: SOCKETIO_SESSION.socketsBytes,
    },
  );
  return false;
}
