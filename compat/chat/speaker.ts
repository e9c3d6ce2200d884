import type { Socket } from 'socket.io';

import type { DomainEvent } from '../../lambdas/domain/events.ts';
import type { Audience, Gathering } from '../../lambdas/ports/audience.ts';
import { flush } from '../server/flush.ts';
import type { ChatDeps, Host } from './deps.ts';
import { tell } from './tell.ts';

/** A socket that causes something and hears of it itself. */
export interface Speaker {
  /** For the use case: whatever it says, the socket hears, too. */
  readonly deps: ChatDeps;
  /** Tells the socket, unless it has been told; what was stored by an earlier delivery is said to nobody again. */
  hear(event: DomainEvent): void;
}

/** The socket's own copy leaves together with the others', and not after the last of them. */
export function speakerOf(host: Host, socket: Socket): Speaker {
  let told = false;
  const hear = (event: DomainEvent): void => {
    if (!told) tell(host, socket, event);
    told = true;
  };
  const joined = (gathering: Gathering): Gathering => ({
    size: gathering.size,
    say(event, except) {
      hear(event);
      flush();
      return gathering.say(event, except);
    },
    hearers(event, except) {
      hear(event);
      flush();
      return gathering.hearers(event, except);
    },
    and: (other) => joined(gathering.and(other)),
    without: (other) => joined(gathering.without(other)),
  });
  const { audience } = host.deps;
  const heard: Audience = {
    ...audience,
    inRoom: async (roomId, at) => joined(await audience.inRoom(roomId, at)),
    ofUser: async (userId, at) => joined(await audience.ofUser(userId, at)),
  };
  return { deps: { ...host.deps, audience: heard }, hear };
}
