import { utf8Length } from '../../lambdas/domain/utf8.ts';
import { API_GATEWAY } from '../../lambdas/manifest/limits.ts';
import type { EnginePacket, Namespace } from '../../lambdas/ports/socketio.ts';

/** What one socket is told of one thing that happened: an event and its payload for each of its vocabularies. */
export type Sayings = readonly (readonly [event: string, payload: object])[];

/** The Engine.IO packet of a Socket.IO event without attachments (Socket.IO protocol 5, "Packet encoding"). */
export function encodeEvents(
  nsp: Namespace,
  sayings: readonly (readonly [event: string, ...args: unknown[]])[],
  offset: string | undefined,
): readonly EnginePacket[] {
  const front = nsp === '/' ? '42' : `42${nsp},`;
  return sayings.map((saying) => front + JSON.stringify(offset === undefined ? saying : [...saying, offset]));
}

/** Whether API Gateway takes each packet as one message (AWS "Quotas for configuring and running a WebSocket API"). */
export function fit(packets: readonly EnginePacket[]): boolean {
  return packets.every((packet) => utf8Length(packet) <= API_GATEWAY.messageBytes);
}
