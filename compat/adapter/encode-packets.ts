import { Encoder, type Packet } from 'socket.io-parser';

import { CausewayError } from '../../lambdas/domain/errors.ts';
import { API_GATEWAY } from '../../lambdas/manifest/limits.ts';
import type { EnginePacket } from '../../lambdas/ports/socketio.ts';

const encoder = new Encoder();

/** A Socket.IO packet as Engine.IO packets of text: the packet and, as base64, its attachments. */
export function encodePackets(packet: Packet): readonly EnginePacket[] {
  const packets = (encoder.encode(packet) as readonly unknown[]).map(enginePacket);
  checkSize(packets);
  return packets;
}

/** An encoded piece as it travels: API Gateway takes text only, and `b…` is Engine.IO's text form of binary. */
export function enginePacket(piece: unknown): EnginePacket {
  return typeof piece === 'string' ? `4${piece}` : `b${bytes(piece).toString('base64')}`;
}

/** Throws to whoever emits: what API Gateway would refuse is not sent in part (AWS quotas: 128 KB a message). */
export function checkSize(packets: readonly EnginePacket[]): void {
  const size = Math.max(...packets.map((packet) => Buffer.byteLength(packet)));
  if (size > API_GATEWAY.messageBytes)
    throw new CausewayError(
      'too_large',
      `Not sent: a packet of ${size} bytes, and API Gateway takes at most ${API_GATEWAY.messageBytes} in one message`,
    );
}

function bytes(piece: unknown): Buffer {
  if (Buffer.isBuffer(piece)) return piece;
  if (ArrayBuffer.isView(piece)) return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  if (piece instanceof ArrayBuffer) return Buffer.from(piece);
  throw new TypeError('Only Buffer, ArrayBuffer and its views can be sent as binary, not Blob or File');
}
