/**
 * API Gateway between clients and functions: two WebSocket APIs and @connections. What it promises of order, of `$disconnect`
 * and of dead peers is what shared notes on the service say: little.
 */
import type { PostOutcome } from '../../../lambdas/ports/gateway.ts';
import { CausewayError } from '../../../lambdas/domain/errors.ts';
import { InDoubt } from '../../../lambdas/domain/in-doubt.ts';
import { API_GATEWAY } from '../../../lambdas/manifest/limits.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Weather } from './weather.ts';

export type Api = 'native' | 'socketio';

/** A client's end of a WebSocket. */
export interface Peer {
  opened(): void;
  message(text: string): void;
  closed(code: number): void;
}

export interface Upgrade {
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Frame {
  readonly connectionId: string;
  readonly requestId: string;
  readonly at: number;
  readonly connectedAt: number;
  readonly context: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the gateway calls functions for. */
export interface Integrations {
  /** The context of the authorizer; rejects when the upgrade is refused. */
  admit(
    api: Api,
    upgrade: Upgrade & Omit<Frame, 'body' | 'context'>,
  ): Promise<Readonly<Record<string, string>>>;
  frame(api: Api, frame: Frame): Promise<string | undefined>;
  disconnect(api: Api, frame: Omit<Frame, 'body'>): Promise<void>;
}

/** One connection as the gateway knows it, and how it ends. */
export interface Wire {
  readonly id: string;
  readonly api: Api;
  /** From the client. */
  send(text: string): void;
  close(): void;
  /** The client's network is gone: it knows at once, the gateway a moment later. */
  drop(): void;
  /** Nothing goes through any more, and nobody knows. */
  vanish(): void;
  readonly isSevered: boolean;
}

export interface Gateway {
  connect(api: Api, upgrade: Upgrade, peer: Peer): Wire;
  post(api: Api, connectionId: string, frame: string): Promise<PostOutcome>;
  remove(api: Api, connectionId: string): Promise<void>;
  /** GetConnection: undefined is 410. */
  describe(
    api: Api,
    connectionId: string,
  ): { readonly connectedAt: number; readonly lastActiveAt: number } | undefined;
  /** Closed by the gateway, as at the end of a connection's life. */
  cut(connectionId: string): void;
  open(): readonly { readonly id: string; readonly api: Api }[];
}

interface Connection {
  readonly id: string;
  readonly api: Api;
  readonly peer: Peer;
  readonly latencyMs: number;
  readonly connectedAt: number;
  context: Readonly<Record<string, string>>;
  lastActiveAt: number;
  /** What it is sent arrives in order: not before this. */
  downAt: number;
  upAt: number;
  state: 'opening' | 'open' | 'closed';
  isSevered: boolean;
  peerKnows: boolean;
}

export interface GatewayDeps {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
  readonly integrations: Integrations;
  /** A post that was not carried out, or whose answer was lost: it comes later, if at all. */
  readonly refused: (connectionId: string, frame: string) => void;
  /** For whoever looks into a run. */
  readonly trace: (line: string) => void;
  readonly count: (
    what: 'posts' | 'throttled' | 'failedPosts' | 'gone' | 'droppedDisconnects' | 'duplicateFrames',
  ) => void;
}

const HANDSHAKE_MS = 20;

export function createGateway(deps: GatewayDeps): Gateway {
  const { time, random, weather, integrations, count, trace } = deps;
  const connections = new Map<string, Connection>();
  let ids = 0;

  function connect(api: Api, upgrade: Upgrade, peer: Peer): Wire {
    const connection: Connection = {
      id: `${api === 'native' ? 'n' : 's'}${(ids += 1)}-${upgrade.headers['user-agent'] ?? ''}=`,
      api,
      peer,
      // Some consumers are slow.
      latencyMs: random.chance(0.1) ? random.between(300, 2_500) : random.between(5, 60),
      connectedAt: time.now(),
      context: {},
      lastActiveAt: time.now(),
      downAt: 0,
      upAt: 0,
      state: 'opening',
      isSevered: false,
      peerKnows: false,
    };
    connections.set(connection.id, connection);
    time.after(connection.latencyMs, () => void open(connection, upgrade));
    return {
      id: connection.id,
      api,
      send: (text) => send(connection, text),
      close: () => hangUp(connection),
      drop: () => drop(connection),
      get isSevered() {
        return connection.isSevered;
      },
      vanish() {
        trace(`${connection.id} vanished`);
        connection.isSevered = true;
      },
    };
  }

  async function open(connection: Connection, upgrade: Upgrade): Promise<void> {
    try {
      connection.context = await integrations.admit(connection.api, { ...upgrade, ...requestOf(connection) });
    } catch {
      connection.state = 'closed';
      down(connection, () => tellClosed(connection, 1006));
      return;
    }
    await time.sleep(random.between(1, HANDSHAKE_MS));
    // It hung up meanwhile: whether $disconnect comes for a handshake that failed is best effort, too.
    if (connection.state === 'closed') return disconnected(connection);
    connection.state = 'open';
    trace(`${connection.id} open ${JSON.stringify(upgrade.query)}`);
    down(connection, () => connection.peer.opened());
    time.after(API_GATEWAY.lifetimeSeconds * 1000, () => end(connection, 1001));
    watchIdle(connection);
  }

  function watchIdle(connection: Connection): void {
    const idleMs = API_GATEWAY.idleSeconds * 1000;
    if (connection.state !== 'open') return;
    const left = connection.lastActiveAt + idleMs - time.now();
    if (left <= 0) return end(connection, 1001);
    time.after(left, () => watchIdle(connection));
  }

  function requestOf({ id, connectedAt }: Connection) {
    return { connectionId: id, requestId: `request-${(ids += 1)}=`, at: time.now(), connectedAt };
  }

  function send(connection: Connection, text: string): void {
    if (connection.isSevered || connection.peerKnows) return;
    connection.upAt = Math.max(connection.upAt, time.now() + connection.latencyMs);
    time.after(connection.upAt - time.now(), () => receive(connection, text));
  }

  function receive(connection: Connection, body: string): void {
    if (connection.state !== 'open' || connection.isSevered) return;
    connection.lastActiveAt = time.now();
    trace(`${connection.id} > ${body}`);
    const frame = { ...requestOf(connection), context: connection.context, body };
    const held = () => (random.chance(weather.frameHeldUp) ? random.between(1, 60) : 0);
    time.after(held(), () => void serve(connection, frame, true));
    if (!random.chance(weather.duplicateFrame)) return;
    count('duplicateFrames');
    time.after(held() + random.between(0, 40), () => void serve(connection, frame, false));
  }

  async function serve(connection: Connection, frame: Frame, answers: boolean): Promise<void> {
    let reply: string | undefined;
    try {
      reply = await integrations.frame(connection.api, frame);
    } catch {
      const { connectionId, requestId } = frame;
      reply = JSON.stringify({ message: 'Internal server error', connectionId, requestId });
    }
    if (answers && reply !== undefined && connection.state === 'open') deliver(connection, reply);
  }

  /**
   * In order, and only what the client can still get. One frame a millisecond: what the stock client gets in the same turn in which its
   * connection ends it keeps for after the next CONNECT, with any server (docs/faults.md).
   */
  function down(connection: Connection, action: () => void): void {
    connection.downAt = Math.max(connection.downAt + 1, time.now() + connection.latencyMs);
    time.after(connection.downAt - time.now(), () => {
      if (!connection.isSevered && !connection.peerKnows) action();
    });
  }

  function deliver(connection: Connection, text: string): void {
    connection.lastActiveAt = time.now();
    trace(`${connection.id} < ${text}`);
    down(connection, () => {
      trace(`${connection.id} << ${text}`);
      connection.peer.message(text);
    });
  }

  function tellClosed(connection: Connection, code: number): void {
    if (connection.peerKnows) return;
    connection.peerKnows = true;
    connection.peer.closed(code);
  }

  /** By the gateway or a function. */
  function end(connection: Connection, code: number): void {
    if (connection.state === 'closed') return;
    connection.state = 'closed';
    trace(`${connection.id} closed by the gateway, ${code}`);
    down(connection, () => tellClosed(connection, code));
    disconnected(connection);
  }

  /** By the client. */
  function hangUp(connection: Connection): void {
    if (connection.peerKnows) return;
    connection.peerKnows = true;
    if (connection.isSevered) return;
    time.after(connection.latencyMs, () => ended(connection));
  }

  function drop(connection: Connection): void {
    if (connection.peerKnows) return;
    connection.peerKnows = true;
    if (!connection.isSevered) time.after(random.between(5, 400), () => ended(connection));
    time.after(0, () => connection.peer.closed(1006));
  }

  function ended(connection: Connection): void {
    trace(`${connection.id} closed by its client`);
    if (connection.state === 'open') disconnected(connection);
    connection.state = 'closed';
  }

  /** "$disconnect is a best-effort event" (AWS, "Manage connected users and client apps"). */
  function disconnected(connection: Connection): void {
    if (random.chance(weather.dropDisconnect)) {
      trace(`${connection.id} $disconnect dropped`);
      return count('droppedDisconnects');
    }
    const late = random.chance(weather.lateDisconnect) ? random.between(10, 4_000) : random.between(1, 20);
    const event = { ...requestOf(connection), context: connection.context };
    trace(`${connection.id} $disconnect in ${late}`);
    time.after(late, () => void integrations.disconnect(connection.api, event).catch(() => {}));
  }

  async function post(api: Api, connectionId: string, frame: string): Promise<PostOutcome> {
    count('posts');
    if (random.chance(weather.postHeldUp)) await time.sleep(random.between(1, 60));
    if (random.chance(weather.throttledPost)) {
      deps.refused(connectionId, frame);
      count('throttled');
      trace(`${connectionId} 429 ${frame}`);
      return 'throttled';
    }
    if (random.chance(weather.failedPost)) {
      deps.refused(connectionId, frame);
      count('failedPosts');
      trace(`${connectionId} 500 ${frame}`);
      throw unavailable();
    }
    const connection = connections.get(connectionId);
    if (connection === undefined || connection.api !== api || connection.state !== 'open') {
      count('gone');
      trace(`${connectionId} 410 ${frame}`);
      return 'gone';
    }
    if (random.chance(weather.swallowedPost)) return 'sent';
    if (random.chance(weather.doubledPost)) deliver(connection, frame);
    // Posts to a dead peer succeed.
    const isLost = random.chance(weather.lostPost);
    if (!isLost || random.chance(0.5)) deliver(connection, frame);
    if (!isLost) return 'sent';
    deps.refused(connectionId, frame);
    count('failedPosts');
    trace(`${connectionId} no answer ${frame}`);
    throw new InDoubt(new Error('no answer'));
  }

  return {
    connect,
    post,
    async remove(api, connectionId) {
      const connection = connections.get(connectionId);
      if (connection?.api === api) end(connection, 1000);
    },
    describe(api, connectionId) {
      const connection = connections.get(connectionId);
      return connection?.api === api && connection.state === 'open' ? connection : undefined;
    },
    cut(connectionId) {
      const connection = connections.get(connectionId);
      if (connection !== undefined) end(connection, 1001);
    },
    open: () => [...connections.values()].filter(({ state }) => state === 'open'),
  };
}

function unavailable(): CausewayError {
  return new CausewayError('unavailable', 'Try again later.');
}
