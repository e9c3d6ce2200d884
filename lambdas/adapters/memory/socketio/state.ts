import type { Millis } from '../../../domain/entities.ts';
import type {
  EngineId,
  EnginePacket,
  EngineSession,
  LoggedPacket,
  SocketEntry,
  SocketId,
} from '../../../ports/socketio.ts';
import type { Expiring } from '../state.ts';

/** Everything stored for the bridge. Keys of several parts are JSON arrays, since names of rooms may hold any character. */
export interface SocketIoState {
  readonly sessions: Map<EngineId, Expiring<EngineSession>>;
  /** What was told to sessions that are held, by the instant of each hold. */
  readonly deferred: Map<EngineId, Map<Millis, readonly EnginePacket[]>>;
  /** Events that had been told when a hold ended, likewise. */
  readonly told: Map<EngineId, Map<Millis, readonly string[]>>;
  /** [from, pid] */
  readonly forwards: Map<string, Expiring<EngineId>>;
  /** [nsp, room] */
  readonly sockets: Map<string, Map<SocketId, Expiring<SocketEntry>>>;
  /** [nsp, room] */
  readonly packets: Map<string, Map<string, Expiring<LoggedPacket>>>;
  /** [nsp, id] */
  readonly acks: Map<string, Map<SocketId, Expiring<string>>>;
}

export function createSocketIoState(): SocketIoState {
  return {
    sessions: new Map(),
    deferred: new Map(),
    told: new Map(),
    forwards: new Map(),
    sockets: new Map(),
    packets: new Map(),
    acks: new Map(),
  };
}
