import { randomBytes } from 'node:crypto';

import { release } from '../../compat/engine/held.ts';
import { undeferred } from '../../lambdas/app/deferred.ts';
import { createRuntime } from '../../compat/server/create-runtime.ts';
import type { Chat, RuntimeLimits, ServerDeps } from '../../compat/server/world.ts';
import type { BridgeOptions, Message, Runtime, RuntimeDeps, Sessions } from '../../compat/types.ts';
import { createMemorySocketIoStores } from '../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { EngineId, EnginePacket, EngineSession, SocketIoStores } from '../../lambdas/ports/socketio.ts';
import { createFixedClock, createRecordingLog } from './fakes/fake-runtime.ts';

/**
 * A deployment of the Socket.IO runtime without Engine.IO: stores in memory, clients that speak packets, and as many
 * instances of the application as a test wants. The fake engine commits and delivers as compat/types.ts says.
 */
export interface SocketIoWorld {
  readonly stores: SocketIoStores;
  readonly clock: ReturnType<typeof createFixedClock>;
  readonly log: ReturnType<typeof createRecordingLog>;
  readonly sessions: Sessions;
  readonly runtime: Runtime;
  /** Another instance of the function, with its own copy of the application. */
  instance(application: unknown): Runtime;
  /** A client whose Engine.IO session is open and that has sent nothing. */
  open(how?: Partial<EngineSession>): Promise<FakeClient>;
  /** A client that is in the namespace `/`. */
  connect(auth?: object): Promise<FakeClient>;
}

export interface FakeClient {
  readonly sid: EngineId;
  /** Engine packets in the order they came. */
  readonly inbox: EnginePacket[];
  /** Why the connection was closed. */
  closed: string | undefined;
  /** Sends Socket.IO packets as one payload and waits for the invocation. */
  send(...packets: readonly (string | Message)[]): Promise<void>;
  /** The next packets go through this instance. */
  through(runtime: Runtime): FakeClient;
  /** Takes what has come so far. */
  take(): readonly EnginePacket[];
  /** Data of the next event of this name, waiting for it. */
  event(name: string): Promise<readonly unknown[]>;
  /** Its network is gone, which nobody notices yet. */
  vanish(): void;
  session(): Promise<EngineSession>;
}

export interface WorldOptions {
  readonly recovery?: BridgeOptions['recovery'];
  readonly limits?: Partial<RuntimeLimits>;
  readonly stores?: (stores: SocketIoStores) => SocketIoStores;
  /** Beside the application. */
  readonly chat?: (deps: RuntimeDeps) => Chat;
}

export function createSocketIoWorld(application: unknown, settings: WorldOptions = {}): SocketIoWorld {
  const clock = createFixedClock(1_700_000_000_000);
  const log = createRecordingLog();
  const memory = createMemorySocketIoStores(clock);
  const stores = settings.stores?.(memory) ?? memory;
  const clients = new Map<EngineId, FakeClient & { gone: boolean }>();
  const options: BridgeOptions = {
    heartbeat: { pingIntervalMs: 25_000, pingTimeoutMs: 20_000 },
    limits: { connectTimeoutMs: 45_000, maxPayloadBytes: 1e6 },
    cors: { origins: [], credentials: false },
    ...(settings.recovery === undefined ? {} : { recovery: settings.recovery }),
  };
  const sessions: Sessions = {
    async deliver(to, all) {
      const packets = await undeferred({ sessions: stores.sessions, clock }, to, all);
      if (packets.length === 0) return 'sent';
      const { sid } = to;
      const client = clients.get(sid);
      if (client === undefined || client.closed !== undefined || client.gone) {
        await sessions.end(sid, 'transport close');
        return 'gone';
      }
      client.inbox.push(...packets);
      return 'sent';
    },
    async end(sid, reason) {
      const session = await close(sid, reason);
      if (session !== undefined) await runtime.end(session, reason);
    },
  };
  const close = async (sid: EngineId, reason: string) => {
    const client = clients.get(sid);
    if (client !== undefined) client.closed ??= reason;
    const now = clock.now();
    const session = await stores.sessions.close(sid, { reason, at: now }, now + 3_600_000);
    for (const [nsp, { id, rooms }] of Object.entries(session?.sockets ?? {})) {
      await stores.sockets.remove({ nsp }, { socketId: id, sid });
      for (const room of rooms) await stores.sockets.remove({ nsp, room }, { socketId: id, sid });
    }
    return session;
  };
  const withChat = (deps: RuntimeDeps): ServerDeps => {
    const chat = settings.chat?.(deps);
    return chat === undefined ? deps : { ...deps, chat };
  };
  const instance = (application: unknown): Runtime =>
    createRuntime(withChat({ stores, sessions, clock, log, options, application }), {
      settleMs: 10,
      ...settings.limits,
    });
  const runtime = instance(application);

  async function open(how: Partial<EngineSession> = {}): Promise<FakeClient> {
    const sid = randomBytes(15).toString('base64url') as EngineId;
    const handshake = {
      headers: { host: 'localhost', 'user-agent': 'fake', origin: 'http://app.example' },
      query: { EIO: '4', transport: 'websocket', token: 'abc' },
      url: '/socket.io/?EIO=4&transport=websocket&token=abc',
      address: '192.0.2.1',
      secure: true,
      issued: clock.now(),
    };
    const session: EngineSession = {
      sid,
      transport: 'websocket',
      connectionId: `connection-${sid}` as ConnectionId,
      handshake,
      openedAt: clock.now(),
      seenAt: clock.now(),
      base64: false,
      sockets: {},
      outbox: [],
      partial: [],
      ...how,
    };
    await stores.sessions.open(session, clock.now() + 7_200_000);
    const client = createClient(sid);
    clients.set(sid, client);
    return client;
  }

  function createClient(sid: EngineId): FakeClient & { gone: boolean } {
    let through = runtime;
    const client: FakeClient & { gone: boolean } = {
      sid,
      inbox: [],
      closed: undefined,
      gone: false,
      async send(...packets) {
        const session = await stores.sessions.get(sid);
        if (session === undefined || session.closed !== undefined) throw new Error('The session is over');
        const messages = packets.map((packet) =>
          typeof packet === 'string' ? { text: packet, attachments: [] } : packet,
        );
        const waiting: EnginePacket[] = [];
        const outlet = {
          write: (packets: readonly EnginePacket[]) => void waiting.push(...packets),
          flush: async () => void client.inbox.push(...waiting.splice(0)),
        };
        const result = await through.run(session, messages, outlet);
        const { outcome } = await stores.sessions.commit(sid, result.changes);
        if (outcome !== 'committed') {
          await sessions.end(sid, 'forced close');
          return;
        }
        client.inbox.push(...waiting);
        const send = async (packets: readonly EnginePacket[]) => void client.inbox.push(...packets);
        if (result.held !== undefined)
          await release({ stores, log, sessions }, session, { held: result.held, send });
        if (result.close !== undefined) await close(sid, result.close.reason);
      },
      through(runtime) {
        through = runtime;
        return client;
      },
      take: () => client.inbox.splice(0),
      async event(name) {
        for (;;) {
          const index = client.inbox.findIndex(
            (packet) => packet.startsWith('42') && packet.includes(`["${name}"`),
          );
          const [packet] = index === -1 ? [] : client.inbox.splice(index, 1);
          if (packet !== undefined) return JSON.parse(packet.slice(packet.indexOf('['))) as unknown[];
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      },
      vanish() {
        client.gone = true;
      },
      async session() {
        const session = await stores.sessions.get(sid);
        if (session === undefined) throw new Error('No such session');
        return session;
      },
    };
    return client;
  }

  async function connect(auth?: object): Promise<FakeClient> {
    const client = await open();
    await client.send(auth === undefined ? '0' : `0${JSON.stringify(auth)}`);
    client.take();
    return client;
  }
  return { stores, clock, log, sessions, runtime, instance, open, connect };
}

/** The public id of a client's socket. */
export async function socketIdOf(client: FakeClient, nsp = '/'): Promise<string> {
  return (await client.session()).sockets[nsp]!.id;
}

/** For lists whose order is nobody's promise. */
export function byText(one: unknown, other: unknown): number {
  return String(one) < String(other) ? -1 : 1;
}
