/** The bridge over the memory stores, a gateway in this process, and fake time. */
import { randomBytes } from 'node:crypto';
import { vi } from 'vitest';

import { createBridge } from '../../../compat/engine/bridge.ts';
import type { BridgeDeps } from '../../../compat/engine/deps.ts';
import type { Bridge, BridgeOptions, PollRequest, PollResponse, Sessions } from '../../../compat/types.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import type { Connections } from '../../../lambdas/ports/gateway.ts';
import type { EngineId, SocketIoStores } from '../../../lambdas/ports/socketio.ts';
import { FakeRuntime } from './fake-runtime.ts';

export const OPTIONS: BridgeOptions = {
  heartbeat: { pingIntervalMs: 240_000, pingTimeoutMs: 60_000 },
  limits: { connectTimeoutMs: 45_000, maxPayloadBytes: 1_000_000 },
  cors: { origins: ['https://app.example'], credentials: false },
};
export const RS = '\u001E';

/** A connection as its client sees it. */
export class FakeConnection {
  readonly frames: string[] = [];
  open = true;
}

export interface Harness {
  readonly bridge: Bridge;
  readonly stores: SocketIoStores;
  /** Calls of the stores and of the gateway, in order, such as `sessions.get`. */
  readonly calls: string[];
  readonly runtime: FakeRuntime;
  readonly sessions: Sessions;
  readonly connections: Map<ConnectionId, FakeConnection>;
  readonly errors: string[];
  get(sid: string, more?: Partial<PollRequest>): Promise<PollResponse>;
  post(sid: string, body: string, more?: Partial<PollRequest>): Promise<PollResponse>;
  /** Opens a polling session. */
  handshake(): Promise<EngineId>;
  /** Opens a websocket session, or probes one. */
  dial(sid?: string): Promise<Dialled>;
  /** As `dial`, and in the main namespace; frames and calls are counted from then on. */
  join(): Promise<Dialled>;
  /** Why a session is over; undefined while it is not. */
  closed(sid: EngineId): Promise<string | undefined>;
  /** What the client of this connection sends; what comes back on the route response is among its frames. */
  send(peer: Dialled, body: string): Promise<void>;
}

export interface Dialled {
  readonly sid: EngineId;
  readonly connectionId: ConnectionId;
  readonly frames: string[];
  readonly connection: FakeConnection;
}

/** `vi.useFakeTimers()` first. */
export function createHarness(
  overrides: Partial<BridgeOptions> = {},
  deps: Partial<BridgeDeps> & { readonly world?: Harness } = {},
): Harness {
  const clock = { now: () => Date.now() };
  const calls: string[] = [];
  const memory = deps.world?.stores ?? createMemorySocketIoStores(clock);
  const stores = recorded(memory, calls);
  const connections = deps.world?.connections ?? new Map<ConnectionId, FakeConnection>();
  const runtime = new FakeRuntime(memory);
  const errors: string[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (message: string) => void errors.push(message),
  };
  let sessions: Sessions | undefined;
  const bridge = createBridge({
    stores,
    gateway: gatewayOf(connections, calls),
    clock,
    log,
    random: (count) => randomBytes(count),
    options: { ...OPTIONS, ...overrides },
    createRuntime: (runtimeDeps) => {
      sessions = runtimeDeps.sessions;
      return runtime;
    },
    sendOpen: async (connectionId, packet) => {
      calls.push('invoke');
      connections.get(connectionId)?.frames.push(packet);
    },
    ...deps,
  });
  const poll = (method: string, sid: string, more: Partial<PollRequest> = {}) =>
    bridge.poll({
      method,
      query: { EIO: '4', transport: 'polling', ...(sid === '' ? {} : { sid }), ...more.query },
      headers: more.headers ?? {},
      url: '/socket.io/',
      address: '192.0.2.1',
      ...(more.body === undefined ? {} : { body: more.body }),
      ...(more.at === undefined ? {} : { at: more.at }),
    });
  const harness: Harness = {
    bridge,
    stores: memory,
    calls,
    runtime,
    sessions: sessions as Sessions,
    connections,
    errors,
    get: (sid, more) => poll('GET', sid, more),
    post: (sid, body, more) => poll('POST', sid, { body, ...more }),
    async handshake() {
      const { body } = await poll('GET', '');
      return (JSON.parse(body.slice(1)) as { sid: EngineId }).sid;
    },
    dial: (sid) => dial(bridge, connections, sid),
    async join() {
      const client = await harness.dial();
      await harness.send(client, '40');
      client.frames.length = 0;
      calls.length = 0;
      return client;
    },
    closed: async (sid) => (await memory.sessions.get(sid))?.closed?.reason,
    async send(peer, body) {
      const reply = await bridge.frame({ sid: peer.sid, connectionId: peer.connectionId, body });
      if (reply !== undefined) peer.frames.push(reply);
    },
  };
  return harness;
}

let dialled = 0;

async function dial(
  bridge: Bridge,
  connections: Map<ConnectionId, FakeConnection>,
  sid?: string,
): Promise<Dialled> {
  const connectionId = `connection-${++dialled}=` as ConnectionId;
  const connection = new FakeConnection();
  connections.set(connectionId, connection);
  const query = { EIO: '4', transport: 'websocket', ...(sid === undefined ? {} : { sid }) };
  const upgrade = { connectionId, query, headers: {}, url: '/socket.io/', address: '192.0.2.1' };
  const admission = await bridge.admit(upgrade);
  if ('refused' in admission) throw new Error(admission.refused.message);
  return { sid: admission.sid, connectionId, frames: connection.frames, connection };
}

function gatewayOf(connections: Map<ConnectionId, FakeConnection>, calls: string[]): Connections {
  return {
    async post(connectionId, frame) {
      calls.push('post');
      const connection = connections.get(connectionId);
      if (connection?.open !== true) return 'gone';
      connection.frames.push(frame);
      return 'sent';
    },
    async close(connectionId) {
      calls.push('close');
      const connection = connections.get(connectionId);
      if (connection !== undefined) connection.open = false;
    },
  };
}

function recorded(stores: SocketIoStores, calls: string[]): SocketIoStores {
  const record = <T extends object>(name: string, store: T): T =>
    new Proxy(store, {
      get(target, key) {
        const method = Reflect.get(target, key) as unknown;
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => {
          calls.push(`${name}.${String(key)}`);
          return (method as (...args: unknown[]) => unknown).apply(target, args);
        };
      },
    });
  return {
    sessions: record('sessions', stores.sessions),
    sockets: record('sockets', stores.sockets),
    packets: stores.packets,
    acks: stores.acks,
  };
}

/** Lets time pass until the promise is settled, at most a minute of it. */
export async function passing<T>(promise: Promise<T>): Promise<T> {
  const state = { settled: false };
  const done = promise.finally(() => {
    state.settled = true;
  });
  done.catch(() => {});
  for (let ms = 0; ms < 60_000 && !state.settled; ms += 5) await vi.advanceTimersByTimeAsync(5);
  return done;
}
