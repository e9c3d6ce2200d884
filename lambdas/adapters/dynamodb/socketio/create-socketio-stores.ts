import type { SocketIoStores } from '../../../ports/socketio.ts';
import type { Table } from '../table.ts';
import { createAckStore } from './acks.ts';
import { createPacketLog } from './packets.ts';
import { createEngineSessionStore } from './sessions.ts';
import { createSocketIndex } from './sockets.ts';

/** The bridge's stores on the single table. Call it at module scope: the index remembers how rooms are spread. */
export function createSocketIoStores(table: Table): SocketIoStores {
  return {
    sessions: createEngineSessionStore(table),
    sockets: createSocketIndex(table),
    packets: createPacketLog(table),
    acks: createAckStore(table),
  };
}
