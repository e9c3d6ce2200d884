/** Several packets in one polling body, separated by U+001E (Engine.IO protocol, "HTTP long-polling"). */
import type { EnginePacket } from '../../lambdas/ports/socketio.ts';
import { decodePacket, type Inbound } from './packets.ts';

const SEPARATOR = '\u001E';

/** python-socketio refuses payloads of more packets (engineio, `Payload.max_decode_packets`). */
export const PACKETS_PER_PAYLOAD = 16;

/** At least one packet: every client takes an empty body for an error. */
export function encodePayload(packets: readonly [EnginePacket, ...EnginePacket[]]): string {
  return packets.join(SEPARATOR);
}

/** The packets up to the first invalid one, which is the last then; as the stock server reads them. */
export function decodePayload(body: string): readonly Inbound[] {
  const packets: Inbound[] = [];
  for (const text of body.split(SEPARATOR)) {
    const packet = decodePacket(text);
    packets.push(packet);
    if (packet.kind === 'invalid') break;
  }
  return packets;
}
