import type { Pace } from '../../lambdas/app/pace.ts';
import type { RateLimiter } from '../../lambdas/app/rate-limit.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { Connections } from '../../lambdas/ports/gateway.ts';
import type { Clock, Log } from '../../lambdas/ports/runtime.ts';
import type { EnginePacket, EngineSession, SocketIoStores } from '../../lambdas/ports/socketio.ts';
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
  /** How many frames a session may send, and how often an address may connect. Absent: any number. */
  readonly rates?: RateLimiter;
  /** Asked at each sweep. */
  readonly dismiss?: Dismiss;
  /**
   * Has somebody send the OPEN packet to a connection whose handshake is not over yet; fulfilled once it is on its way.
   * Absent: whoever calls `admit` sends it.
   */
  readonly sendOpen?: (connectionId: ConnectionId, packet: EnginePacket) => Promise<void>;
  /** What else the sweep does with the sessions it has looked at. Never rejects. */
  readonly looked?: (sessions: readonly EngineSession[]) => Promise<void>;
  /** Waited for before each ping whose pong closes the connection. Absent: nobody waits. */
  readonly inTurn?: Pace;
}

/** Whether a session has no business here any more, and how it ends; undefined when it may stay. */
export type Dismiss = (session: EngineSession, now: Millis) => Dismissal | undefined;

export interface Dismissal {
  readonly reason: string;
  /** What the client is told before the connection is closed. */
  readonly packets: readonly EnginePacket[];
}

/** What the steps of the engine share. */
export interface Engine extends Omit<BridgeDeps, 'createRuntime' | 'application'> {
  readonly runtime: Runtime;
  readonly sessions: EngineSessions;
  readonly rates: RateLimiter;
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
      /** The client is there and comes back at once: its sockets stay in the index, where their successors take their places. */
      readonly returning?: boolean;
    },
  ): Promise<void>;
}
