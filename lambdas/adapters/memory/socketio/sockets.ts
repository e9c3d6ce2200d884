import type { SocketIndex } from '../../../ports/socketio.ts';
import { isLive, partition } from '../state.ts';
import { placeKey } from './packets.ts';
import type { SocketIoState } from './state.ts';

export function createSocketIndex({ sockets }: SocketIoState): SocketIndex {
  return {
    async add(place, entry, expiresAt) {
      partition(sockets, placeKey(place)).set(entry.socketId, { value: entry, expiresAt });
    },
    async remove(place, { socketId, sid }) {
      const entries = sockets.get(placeKey(place));
      if (entries?.get(socketId)?.value.sid === sid) entries.delete(socketId);
    },
    async tag(place, { socketId, sid }, tag) {
      const entries = sockets.get(placeKey(place));
      const row = entries?.get(socketId);
      if (row?.value.sid === sid) entries?.set(socketId, { ...row, value: { ...row.value, tag } });
    },
    async list(place, at) {
      const rows = [...(sockets.get(placeKey(place))?.values() ?? [])];
      return rows.filter((row) => isLive(row, at)).map((row) => row.value);
    },
    async few(place, at, most) {
      const rows = [...(sockets.get(placeKey(place))?.values() ?? [])];
      return rows
        .filter((row) => isLive(row, at))
        .slice(0, most + 1)
        .map((row) => row.value);
    },
    async find(nsp, socketId, at) {
      const row = sockets.get(placeKey({ nsp }))?.get(socketId);
      return isLive(row, at) ? row?.value : undefined;
    },
  };
}
