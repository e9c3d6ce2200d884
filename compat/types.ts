import type { Arrival, Millis } from '../lambdas/domain/entities.ts';
import type { ConnectionId } from '../lambdas/domain/ids.ts';
import type { Postman } from '../lambdas/ports/mail.ts';
import type { Clock, Log } from '../lambdas/ports/runtime.ts';
import type {
  EngineId,
  EnginePacket,
  EngineSession,
  SessionChanges,
  SocketEntry,
  SocketIoStores,
} from '../lambdas/ports/socketio.ts';

/** Settings of the bridge, as the deployment configuration gives them. Times in milliseconds. */
export interface BridgeOptions {
  readonly heartbeat: { readonly pingIntervalMs: number; readonly pingTimeoutMs: number };
  readonly limits: { readonly connectTimeoutMs: number; readonly maxPayloadBytes: number };
  /** Absent: connection state recovery is off, nothing is logged and CONNECT replies carry no pid. */
  readonly recovery?: { readonly windowMs: number };
  readonly cors: { readonly origins: readonly string[]; readonly credentials: boolean };
}

/** One complete Socket.IO packet: its text (without the Engine.IO `4`) and its attachments. */
export interface Message {
  readonly text: string;
  readonly attachments: readonly Uint8Array[];
  /** API Gateway's id of the frame that brought it: the same one again is the same frame, delivered twice. */
  readonly frame?: string;
  /** What names and dates whatever it causes: the same when it is delivered twice. */
  readonly arrival?: Arrival;
}

/**
 * Takes what the application sends to the session that this invocation serves, in order. The engine decides how it
 * travels: on the route response, by a post, or through the outbox of a poll.
 */
export interface Outlet {
  write(packets: readonly EnginePacket[]): void;
  /** Sends what was written so far now, because somebody waits for the client's answer. */
  flush(): Promise<void>;
}

export interface RunResult {
  /** To be committed by the engine, together with packets for a poll. */
  readonly changes: Omit<SessionChanges, 'packets'>;
  /** Present when the connection must be closed after everything written has been sent. Disconnect listeners have run. */
  readonly close?: { readonly reason: string };
  /** Present when a socket came back: a hold to be released once everything was sent, and events that need not be sent again (domain/told-event.ts). */
  readonly held?: {
    readonly since: Millis;
    readonly until: Millis;
    readonly known: ReadonlySet<string>;
  };
}

/**
 * The application on the real `socket.io` Server, one invocation at a time (socketio: compat/server). The seam between
 * the engine and the Server: everything above it is Socket.IO, everything below Engine.IO.
 */
export interface Runtime {
  /**
   * Brings the session's sockets back, feeds the packets in order, waits until every listener has settled and every
   * broadcast was posted, and forgets the sockets again without a trace. Never rejects for what the application does;
   * rejects with CausewayError('unavailable') when a store can't answer.
   */
  run(session: EngineSession, messages: readonly Message[], outlet: Outlet): Promise<RunResult>;
  /** Runs the disconnect listeners of all sockets of a session that has ended (`session` as it was before). */
  end(session: EngineSession, reason: string): Promise<void>;
}

/** What the Server needs of the engine: reaching and ending other sessions. */
export interface Sessions {
  /**
   * `gone` after the session has been ended as `transport close`. `throttled`: nothing was sent, and may be later; `partly`:
   * some was. Packets of one call arrive in order. Rejects when nothing was sent, with InDoubt when that is not known.
   */
  deliver(
    to: SocketEntry,
    packets: readonly EnginePacket[],
  ): Promise<'sent' | 'gone' | 'too-large' | 'throttled' | 'partly'>;
  /** Closes a session and its connection: index entries are removed, disconnect listeners run once. Idempotent. */
  end(sid: EngineId, reason: string): Promise<void>;
}

export interface RuntimeDeps {
  readonly stores: SocketIoStores;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly log: Log;
  readonly options: BridgeOptions;
  /** Absent: an invocation tells everybody itself. */
  readonly postman?: Postman;
  /** The module named `app` in the configuration; undefined when there is none. */
  readonly application?: unknown;
}

/** What the handlers call; implemented by compat/engine. */
export interface Bridge {
  /** $connect, in the authorizer: a new websocket session, or a WebSocket that probes an open polling session. */
  admit(upgrade: UpgradeRequest): Promise<Admission>;
  /** One text frame. The reply, if any, is the route response's body. Never rejects. */
  frame(frame: {
    readonly sid: EngineId;
    readonly connectionId: ConnectionId;
    readonly body: string;
    /** API Gateway's, one for each frame a client sends, however often it is delivered. */
    readonly requestId?: string;
    /** When API Gateway received it: frames sent together are handled at once, in any order. */
    readonly at?: Millis;
    /** When the invocation began, as finely as can be told: between frames that API Gateway received at the same time. */
    readonly began?: Millis;
  }): Promise<string | undefined>;
  disconnected(gone: { readonly sid: EngineId; readonly connectionId: ConnectionId }): Promise<void>;
  /** Everything under /socket.io/ on the HTTP API. Never rejects. */
  poll(request: PollRequest): Promise<PollResponse>;
  /** Pings due sessions, ends dead ones; for sub-minute heartbeats loops until `until`. */
  sweep(until: Millis): Promise<void>;
}

export interface UpgradeRequest {
  readonly connectionId: ConnectionId;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
  readonly address: string;
}

export type Admission =
  /** `open`: the OPEN packet to send once the connection is up; absent for a probe. */
  { readonly sid: EngineId; readonly open?: EnginePacket } | { readonly refused: EngineRefusal };

/** Engine.IO error codes (Engine.IO server `errors`). */
export interface EngineRefusal {
  readonly code: 0 | 1 | 2 | 3 | 4 | 5;
  readonly message: string;
}

export interface PollRequest {
  readonly method: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
  readonly address: string;
  readonly body?: string;
  /** API Gateway's. */
  readonly requestId?: string;
  /** When API Gateway received it: a client is not late because its function started cold. */
  readonly at?: Millis;
}

export interface PollResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
