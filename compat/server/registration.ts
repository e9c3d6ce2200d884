import type { Server } from 'socket.io';

export interface Registered {
  readonly server: Server;
  /** What of its options can't hold here, in words. */
  readonly notes: readonly string[];
}

let registered: Registered | undefined;

/** A deployment serves one Server: a second one would wait for clients that never come. */
export function register(next: Registered): void {
  if (registered !== undefined)
    throw new Error(
      'A second Socket.IO Server was made: a deployment serves one, with as many namespaces as it needs',
    );
  registered = next;
}

/** The Server that was made while the application was loaded; afterwards there may be another one. */
export function takeRegistered(): Registered | undefined {
  const taken = registered;
  registered = undefined;
  return taken;
}
