/** Engine.IO protocol 4 packets as text: a type digit and data; binary is `b` and base64 (Engine.IO protocol, "Packet encoding"). */
import type { EngineId, EnginePacket } from '../../lambdas/ports/socketio.ts';
import type { BridgeOptions } from '../types.ts';

export const PACKET = { close: '1', ping: '2', noop: '6', probe: '2probe', probed: '3probe' } as const;

/** What a client may send. `ignored`: `0` and other packets that mean nothing from a client. */
export type Inbound =
  | { readonly kind: 'probe' | 'ping' | 'pong' | 'close' | 'upgrade' | 'ignored' | 'invalid' }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'binary'; readonly data: Uint8Array };

/** Total: what is no packet is `invalid`. */
export function decodePacket(packet: string): Inbound {
  switch (packet[0]) {
    case '4':
      // A message of nothing is none to socket.io either: its decoder takes no such value.
      return packet.length > 1 ? { kind: 'message', text: packet.slice(1) } : { kind: 'invalid' };
    case 'b':
      return { kind: 'binary', data: Buffer.from(packet.slice(1), 'base64') };
    case '3':
      return { kind: 'pong' };
    case '2':
      return { kind: packet === PACKET.probe ? 'probe' : 'ping' };
    case '1':
      return { kind: 'close' };
    case '5':
      return { kind: 'upgrade' };
    case '0':
    case '6':
      return { kind: 'ignored' };
    default:
      return { kind: 'invalid' };
  }
}

/** The OPEN packet. The order of its keys is the stock server's; some clients' suites compare the text. */
export function openPacket(
  sid: EngineId,
  transport: 'polling' | 'websocket',
  { heartbeat, limits }: BridgeOptions,
): EnginePacket {
  const open = {
    sid,
    upgrades: transport === 'polling' ? ['websocket'] : [],
    pingInterval: heartbeat.pingIntervalMs,
    pingTimeout: heartbeat.pingTimeoutMs,
    maxPayload: limits.maxPayloadBytes,
  };
  return `0${JSON.stringify(open)}`;
}
