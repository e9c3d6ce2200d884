import { API_GATEWAY } from '../../lambdas/manifest/limits.ts';
import type { EnginePacket } from '../../lambdas/ports/socketio.ts';

/** Whether API Gateway takes the packet as one message (AWS "Quotas for configuring and running a WebSocket API"). */
export function fitsMessage(packet: EnginePacket): boolean {
  // UTF-8 takes at most three bytes to a UTF-16 unit.
  return (
    packet.length * 3 <= API_GATEWAY.messageBytes || Buffer.byteLength(packet) <= API_GATEWAY.messageBytes
  );
}
