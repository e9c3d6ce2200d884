import type { Namespace } from '../../lambdas/ports/socketio.ts';

/** Packet types of Socket.IO protocol 5 as their digits. */
export const PACKET = {
  connect: '0',
  disconnect: '1',
  event: '2',
  ack: '3',
  connectError: '4',
  binaryEvent: '5',
  binaryAck: '6',
} as const;

export interface PacketHead {
  readonly type: string;
  /** Attachments that follow a binary packet. */
  readonly attachments: number;
  readonly nsp: Namespace;
  /** Where ack id and data begin. */
  readonly end: number;
}

const HEAD = /^(\d)(?:(\d+)-)?(?:(\/[^,]*),?)?/;

/** What the front of a packet says (Socket.IO protocol, "Packet encoding"); undefined for a text that is none. */
export function readHead(text: string): PacketHead | undefined {
  const found = HEAD.exec(text);
  if (found === null) return undefined;
  const [whole, type = '', attachments = '0', nsp = '/'] = found;
  return { type, attachments: Number(attachments), nsp, end: whole.length };
}

/** The front of a packet of a namespace, to be followed by ack id and data. */
export function writeHead(type: string, nsp: Namespace): string {
  return nsp === '/' ? type : `${type}${nsp},`;
}
