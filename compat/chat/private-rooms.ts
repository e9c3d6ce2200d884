import type { Namespace } from 'socket.io';
import type { BroadcastOptions } from 'socket.io-adapter';

import { aliasedUser } from '../../lambdas/domain/aliased-user.ts';

/**
 * Every socket is in the room named as its user. Who emits to `user_<id>`, as another document has it, means the same one:
 * a second entry in the index for each socket would cost a write at each connect and disconnect.
 */
export function nameUsers({ adapter }: Namespace): void {
  const broadcast = adapter.broadcast.bind(adapter);
  adapter.broadcast = (packet: unknown, options: BroadcastOptions) => broadcast(packet, named(options));
  const ask = adapter.broadcastWithAck.bind(adapter);
  adapter.broadcastWithAck = (packet: unknown, options: BroadcastOptions, ...answers) =>
    ask(packet, named(options), ...answers);
}

function named({ rooms, except, ...options }: BroadcastOptions): BroadcastOptions {
  return {
    ...options,
    rooms: withAliases(rooms),
    ...(except === undefined ? {} : { except: withAliases(except) }),
  };
}

/** With the given names, too: a room may be called so for other reasons. */
function withAliases(rooms: ReadonlySet<string>): Set<string> {
  const meant = [...rooms].flatMap((room) => {
    const userId = aliasedUser(room);
    return userId === undefined ? [room] : [room, userId];
  });
  return new Set(meant);
}
