/**
 * Chat on the Socket.IO runtime, all in memory: people with tokens, rooms, clients that speak packets. A token is the name
 * of its bearer.
 */
import { createAudience } from '../../compat/audience/index.ts';
import { createChat } from '../../compat/chat/create-chat.ts';
import type { ChatDeps } from '../../compat/chat/deps.ts';
import { vocabulariesOf } from '../../compat/dialects/vocabularies.ts';
import type { RuntimeDeps } from '../../compat/types.ts';
import { createMemoryStores } from '../../lambdas/adapters/memory/memory-stores.ts';
import { performLater } from '../../lambdas/app/perform-later.ts';
import { createMembershipMemo } from '../../lambdas/app/membership-memo.ts';
import type { Identity } from '../../lambdas/domain/entities.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';
import type { Email, RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { PRESENCE } from '../../lambdas/manifest/limits.ts';
import { DEFAULT_LOBBY, DEFAULT_NAMESPACES, type ChatSettings } from '../../lambdas/manifest/dialects.ts';
import type { Later, LaterTask } from '../../lambdas/ports/later.ts';
import { createFakeDialects } from './fakes/fake-dialects.ts';
import type { PresenceStore } from '../../lambdas/ports/presence.ts';
import { createFakeGateway, type FakeGateway } from './fakes/fake-gateway.ts';
import { createSocketIoWorld, type FakeClient, type SocketIoWorld } from './socketio-world.ts';

/** How long a token is good. */
export const TOKEN_MS = 600_000;
/** The namespace and nothing else. */
export const only = (...dialects: ChatSettings['namespaces'][string]): ChatSettings => ({
  namespaces: { '/': dialects },
  lobby: DEFAULT_LOBBY,
});

export interface ChatWorld extends SocketIoWorld {
  readonly chat: ChatDeps & { readonly presence: PresenceStore; readonly gateway: FakeGateway };
  /** Does what was put off and is due, and what that puts off, while time passes. */
  pass(seconds: number): Promise<void>;
  /** What was put off. */
  readonly later: { readonly task: LaterTask; seconds: number }[];
  readonly settings: ChatSettings;
  /** Users who exist. */
  people(...names: readonly string[]): Promise<void>;
  room(id: string, ...names: readonly string[]): Promise<void>;
  /** A client that has sent CONNECT with this token; with all it was told since. */
  enter(token: string, nsp?: string): Promise<FakeClient>;
  /** As `enter`, and has read what it was told. */
  member(token: string, nsp?: string): Promise<FakeClient>;
}

export interface ChatWorldOptions {
  readonly settings?: ChatSettings;
  readonly recovery?: boolean;
  readonly application?: unknown;
  readonly deps?: (deps: ChatDeps) => Partial<ChatDeps>;
}

export function createChatWorld(options: ChatWorldOptions = {}): ChatWorld {
  const settings = options.settings ?? { namespaces: DEFAULT_NAMESPACES, lobby: DEFAULT_LOBBY };
  const later: { task: LaterTask; seconds: number }[] = [];
  const perform = (task: LaterTask) =>
    performLater(
      {
        ...chat,
        engineSessions: world.stores.sessions,
        roomLimit: PRESENCE.roomLimit.default,
        now: () => world.clock.now(),
      },
      task,
    );
  let made: ChatDeps | undefined;
  const world = createSocketIoWorld(options.application, {
    ...(options.recovery === true ? { recovery: { windowMs: 120_000 } } : {}),
    chat: (runtime) => {
      const deps = depsOf(runtime, { settings, later });
      made = { ...deps, ...options.deps?.(deps) };
      return createChat(made, settings);
    },
  });
  const chat = made as unknown as ChatWorld['chat'];
  async function enter(token: string, nsp = '/'): Promise<FakeClient> {
    const client = await world.open();
    await client.send(`0${nsp === '/' ? '' : `${nsp},`}${JSON.stringify({ token })}`);
    return client;
  }
  return {
    ...world,
    chat,
    later,
    settings,
    async people(...names) {
      for (const name of names)
        await chat.users.register(
          { id: userId(name), username: name, email: emailOf(name), createdAt: world.clock.now() },
          'hash',
        );
    },
    async room(id, ...names) {
      const ids = names.map(userId);
      await chat.rooms.create(
        { id: id as RoomId, createdBy: ids[0] ?? userId('nobody'), createdAt: world.clock.now() },
        ids,
      );
    },
    enter,
    async pass(seconds) {
      for (let second = 0; second < seconds; second++) {
        const due = later.filter((put) => (put.seconds -= 1) <= 0);
        later.splice(0, later.length, ...later.filter((put) => !due.includes(put)));
        world.clock.advance(1_000);
        for (const { task } of due) await perform(task);
      }
    },
    async member(token, nsp) {
      const client = await enter(token, nsp);
      client.take();
      return client;
    },
  };
}

export const userId = (name: string): UserId => `user-${name}` as UserId;
const emailOf = (name: string): Email => `${name}@example.com` as Email;

function depsOf(
  { stores, sessions, clock, log, options }: RuntimeDeps,
  { settings, later }: { readonly settings: ChatSettings; readonly later: ChatWorld['later'] },
): ChatDeps {
  const vocabularies = vocabulariesOf(settings);
  const queue: Later = {
    schedule: (task, seconds) => Promise.resolve(void later.push({ task, seconds })),
  };
  const recovery = options.recovery !== undefined;
  return {
    ...createMemoryStores(clock),
    gateway: createFakeGateway(),
    dialects: createFakeDialects(),
    memo: createMembershipMemo(),
    log,
    clock,
    authenticator: { verify: (token) => verify(token, clock.now()) },
    vocabularies,
    recovery,
    later: queue,
    audience: createAudience({
      sockets: stores.sockets,
      sessions: stores.sessions,
      settings,
      words: (nsp) => vocabularies.get(nsp),
      recovery,
      log,
      clock,
      connections: { close: async () => {} },
      deliver: (to, packets) => sessions.deliver(to, packets),
    }),
  };
}

async function verify(credential: string | undefined, at: number): Promise<Identity> {
  const name = credential?.replace(/^Bearer\s+/i, '');
  if (name === undefined || name === '') throw new CausewayError('token_missing', 'Token missing');
  if (name === 'late') throw new CausewayError('token_expired', 'Token expired');
  if (!/^[a-z-]+$/.test(name)) throw new CausewayError('token_invalid', 'Token invalid');
  return {
    userId: userId(name),
    username: name,
    email: emailOf(name),
    displayName: name.toUpperCase(),
    role: 'freelance',
    expiresAt: at + TOKEN_MS,
    builtIn: !name.startsWith('guest'),
  };
}

/** Event packets of a client, as name and payload. */
export function eventsOf(packets: readonly string[]): readonly (readonly [string, ...unknown[]])[] {
  return packets
    .filter((packet) => packet.startsWith('42'))
    .map((packet) => JSON.parse(packet.slice(packet.indexOf('['))) as [string, ...unknown[]]);
}

/** What an ack said. */
export function ackOf(packets: readonly string[], id: number): unknown {
  const found = packets.find(
    (packet) => packet.startsWith(`43${id}[`) || new RegExp(`^43/[^,]*,${id}\\[`).test(packet),
  );
  return found === undefined ? undefined : (JSON.parse(found.slice(found.indexOf('['))) as unknown[])[0];
}
