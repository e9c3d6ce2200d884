import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { Connections } from '../../lambdas/ports/gateway.ts';
import type { Clock, Log } from '../../lambdas/ports/runtime.ts';
import type { EnginePacket, SocketIoStores } from '../../lambdas/ports/socketio.ts';
import type { BridgeOptions, Runtime, RuntimeDeps, Sessions } from '../types.ts';
import type { RandomBytes } from './session-id.ts';

/** What the bridge is made of. */
export interface BridgeDeps {
  readonly stores: SocketIoStores;
  /** The WebSocket API that the socketio handlers serve. */
  readonly gateway: Connections;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: RandomBytes;
  readonly options: BridgeOptions;
  readonly createRuntime: (deps: RuntimeDeps) => Runtime;
  readonly application?: unknown;
  /**
   * Has somebody send the OPEN packet to a connection whose handshake is not over yet; fulfilled once it is on its way.
   * Absent: whoever calls `admit` sends it.
   */
  readonly sendOpen?: (connectionId: ConnectionId, packet: EnginePacket) => Promise<void>;
}

/** What the steps of the engine share. */
export interface Engine extends Omit<BridgeDeps, 'createRuntime' | 'application'> {
  readonly runtime: Runtime;
  readonly sessions: EngineSessions;
}

export interface EngineSessions extends Sessions {
  /** As `end`, with more to say about how. */
  endWith(
    sid: Parameters<Sessions['end']>[0],
    reason: string,
    how: {
      /** The disconnect listeners have run already. */
      readonly listenersRan?: boolean;
      /** The connection is gone already. */
      readonly disconnected?: boolean;
    },
  ): Promise<void>;
}
