import type { DomainEvent } from '../domain/events.ts';
import type { Deps } from './deps.ts';
import type { Content, Mailing, NativeAddress, SocketAddress, SocketMail } from '../ports/mail.ts';
import { telling } from './fan-out.ts';

/** One recipient of a mailing. */
export type Addressee =
  | { readonly native: NativeAddress; readonly doubtful: boolean }
  | { readonly socket: SocketAddress; readonly doubtful: boolean };

export interface TellingDeps extends Pick<Deps, 'gateway' | 'dialects' | 'members' | 'sessions' | 'log'> {
  readonly socketMail: SocketMail;
}

/** Always in the same order, by which their progress is noted. */
export function addresseesOf({ natives, sockets, doubtful }: Mailing): readonly Addressee[] {
  return [
    ...natives.map((native) => ({ native, doubtful: false })),
    ...sockets.map((socket) => ({ socket, doubtful: false })),
    ...doubtful.map((socket) => ({ socket, doubtful: true })),
  ];
}

export function eventOf(content: Content): DomainEvent | undefined {
  return 'event' in content ? content.event : undefined;
}

/** Tells one for the first time: `done`, or who has to be told late, and what is known then. Never rejects. */
export function firstTelling(
  deps: TellingDeps,
  { content, at }: Mailing,
): (addressee: Addressee) => Promise<'done' | Addressee> {
  const event = eventOf(content);
  const tellNative = event === undefined ? undefined : telling(deps, { event, at });
  const tellSocket = deps.socketMail.telling(content);
  return async (addressee) => {
    if (addressee.doubtful) return addressee;
    if ('native' in addressee) {
      const outcome = await tellNative?.(addressee.native);
      return outcome === 'throttled' || outcome === 'failed' ? addressee : 'done';
    }
    const outcome = await tellSocket(addressee.socket);
    if (outcome === 'unknown') return { ...addressee, doubtful: true };
    return outcome === 'refused' ? addressee : 'done';
  };
}
