import type { Namespace as SocketIoNamespace, Server } from 'socket.io';

import type { Millis } from '../../lambdas/domain/entities.ts';
import { type Turns } from '../../lambdas/domain/turns.ts';
import { TELLING } from '../../lambdas/manifest/limits.ts';
import type { EngineSession, Namespace, StoredSocket } from '../../lambdas/ports/socketio.ts';
import type { RuntimeDeps } from '../types.ts';
import type { Effects } from './effects.ts';
import type { EngineStub } from './engine-stub.ts';
import type { Told } from './missed-of.ts';

/** Bounds of one invocation, in milliseconds. */
export interface RuntimeLimits {
  /** When a run ends although handlers still work. Default 25,000: functions end at 28 s, and what was done must still be stored and sent. */
  readonly deadlineMs: number;
  /** How long connection listeners may take that run again to attach handlers. Default 10,000. */
  readonly replayMs: number;
  /** After how long what was emitted leaves although handlers still work. Default 100. */
  readonly flushAfterMs: number;
  /** How long a socket that comes back waits between being found and looking for what it missed. Default: TELLING.skewMs. */
  readonly settleMs: number;
  /** How long a handler that returned no promise may take to call its ack or `next`. Default 5,000. */
  readonly callbackMs: number;
}

export const DEFAULT_LIMITS: RuntimeLimits = {
  deadlineMs: 25_000,
  replayMs: 10_000,
  flushAfterMs: 100,
  settleMs: TELLING.skewMs,
  callbackMs: 5_000,
};

/** An application of ours beside the team's: the documented vocabularies (compat/chat). */
export interface Chat {
  /** Called before the team's own code gets the Server. */
  attach(io: Server): void;
  /** Undefined for namespaces that are the team's. */
  recall(nsp: Namespace): Recall | undefined;
}

/** How sockets of a namespace come back that keeps what it said in tables of its own instead of the packet log. */
export interface Recall {
  /** Those of the socket's rooms that it may still be in. */
  rooms(socket: StoredSocket): Promise<readonly string[]>;
  /** Events that were told at `from` or later, in any order. Undefined: too many to be brought after, or the right to them ran out; the client starts anew. */
  missed(lost: {
    /** With the rooms it is in now. */
    readonly socket: StoredSocket;
    readonly from: Millis;
    /** When its connection was lost, if that was noticed. */
    readonly lostAt?: Millis;
  }): Promise<readonly MissedEvent[] | undefined>;
}

export interface MissedEvent {
  readonly offset: string;
  /** Clients may have been told as late as this; see missed-of.ts. */
  readonly until?: Millis;
  /** See missed-of.ts. */
  readonly turn?: string;
  readonly subject?: NonNullable<Told['subject']>;
  /** Name, payload, offset. */
  readonly data: readonly unknown[];
}

export interface ServerDeps extends RuntimeDeps {
  readonly chat?: Chat;
}

/** What one Server of an instance lives in. */
export interface World extends ServerDeps {
  readonly limits: RuntimeLimits;
  readonly server: Server;
  readonly engine: EngineStub;
  readonly turns: Turns;
  /** Work that no invocation started, or that outlived its own. */
  readonly background: Effects;
  /** Runs the disconnect listeners of a session's sockets, as `socket.io` does when a connection is lost. */
  end(session: EngineSession, reason: string): Promise<void>;
  /** Takes a session that lives on out of one namespace, as `socket.disconnect()` does; row and client know already. */
  leave(session: EngineSession, nsp: Namespace): Promise<void>;
}

const worlds = new WeakMap<Server, World>();

export function enterWorld(world: World): void {
  worlds.set(world.server, world);
}

/** Undefined until the application has been loaded. */
export function worldOf({ server }: SocketIoNamespace): World | undefined {
  return worlds.get(server);
}
