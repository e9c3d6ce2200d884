import type { Millis } from '../../../domain/entities.ts';
import type { SocketIoStores } from '../../../ports/socketio.ts';
import { createAckStore } from './acks.ts';
import { createPacketLog } from './packets.ts';
import { createEngineSessionStore } from './sessions.ts';
import { createSocketIndex } from './sockets.ts';
import { createSocketIoState } from './state.ts';

/**
 * The reference implementation of the bridge's stores. As createMemoryStores: every call takes effect before its promise
 * is returned, so each is atomic and every read is strong. `now` serves the calls that do not bring their own instant.
 */
export function createMemorySocketIoStores(
  clock: { readonly now: () => Millis } = { now: Date.now },
): SocketIoStores {
  const state = createSocketIoState();
  return {
    sessions: createEngineSessionStore(state, clock.now),
    sockets: createSocketIndex(state),
    packets: createPacketLog(state),
    acks: createAckStore(state, clock.now),
  };
}
