import { io as current, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { io as v31 } from 'socket.io-client-3.1';
import { io as v40 } from 'socket.io-client-4.0';
import { onTestFinished } from 'vitest';

type Connect = typeof current;

/** Unmodified clients, oldest to newest; what the older ones lack in types they don't lack in use here. */
export const VERSIONS: Readonly<Record<string, Connect>> = {
  '3.1': v31,
  '4.0': v40,
  '4.8': current,
};

export const MODES = {
  default: {},
  'websocket only': { transports: ['websocket'] },
  'polling only': { transports: ['polling'] },
} as const satisfies Readonly<Record<string, { transports?: readonly string[] }>>;

export type Mode = keyof typeof MODES;

export interface Client {
  readonly version: string;
  readonly mode: Mode;
}

/** A client on a connection of its own, closed when the test ends. */
export function open(
  { version, mode }: Client,
  address: string,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Socket {
  const socket = VERSIONS[version]!(address, {
    ...(MODES[mode] as Partial<ManagerOptions>),
    forceNew: true,
    reconnectionDelay: 50,
    ...options,
  });
  onTestFinished(() => {
    socket.disconnect();
  });
  return socket;
}
