import type { PacketLog, Place } from '../../../ports/socketio.ts';
import { isLive, partition } from '../state.ts';
import type { SocketIoState } from './state.ts';

export function createPacketLog({ packets }: SocketIoState): PacketLog {
  return {
    async append(place, packet, expiresAt) {
      partition(packets, placeKey(place)).set(packet.offset, { value: packet, expiresAt });
    },
    async since(place, offset, at) {
      return [...(packets.get(placeKey(place))?.values() ?? [])]
        .filter((row) => row.value.offset > offset && isLive(row, at))
        .map((row) => row.value)
        .toSorted((a, b) => (a.offset < b.offset ? -1 : 1));
    },
  };
}

export function placeKey({ nsp, room }: Place): string {
  return JSON.stringify(room === undefined ? [nsp] : [nsp, room]);
}
