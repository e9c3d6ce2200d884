/**
 * Presence among crashes: the use cases on memory stores, in invocations that may die at any call, with answers that take their
 * time, a queue that delivers twice and gives up, an API Gateway that forgets to say `$disconnect`. And the truth beside it.
 */
import { createMemoryStores } from '../../../lambdas/adapters/memory/memory-stores.ts';
import { endSession } from '../../../lambdas/app/close-session.ts';
import { openSession } from '../../../lambdas/app/open-session.ts';
import { settlePresence } from '../../../lambdas/app/settle-presence.ts';
import { ringsDue, roundMs, sweepConnections } from '../../../lambdas/app/sweep-connections.ts';
import { createPresenceSweep } from '../../../lambdas/app/sweep-presence.ts';
import { CausewayError } from '../../../lambdas/domain/errors.ts';
import type { ConnectionId, SessionId } from '../../../lambdas/domain/ids.ts';
import { PRESENCE } from '../../../lambdas/manifest/limits.ts';
import type { LaterTask } from '../../../lambdas/ports/later.ts';
import type { EngineId } from '../../../lambdas/ports/socketio.ts';
import { createFakeAudience } from '../../support/fakes/fake-audience.ts';
import { createRecordingLog } from '../../support/fakes/fake-runtime.ts';
import { type PortCall, wrapRemotePorts } from '../../support/fakes/ports.ts';
import { actor, identity, live, NOW, ROOM, userId, withRoom } from '../../support/fakes/world.ts';
import { createRandom, createVirtualTime } from './virtual-time.ts';

export const ANNA = userId('anna');
const BEN = actor('ben').connectionId;
const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Probabilities. */
export interface Weather {
  /** That an invocation dies before its time. */
  readonly crash: number;
  /** That a call fails, before or after it took effect. */
  readonly fail: number;
  /** That a call takes seconds. */
  readonly slow: number;
  /** How long any other takes at most, in milliseconds, each way. */
  readonly latency: number;
  /** That the queue delivers a task twice. */
  readonly twice: number;
  /** That API Gateway does not say `$disconnect`, or the engine loses a session without a word. */
  readonly silent: number;
}

export const CALM: Weather = { crash: 0, fail: 0, slow: 0, latency: 20, twice: 0, silent: 0 };

interface Invocation {
  dead: boolean;
}

export type PresenceWorld = Awaited<ReturnType<typeof createPresenceWorld>>;

export async function createPresenceWorld(seed: number, stormy: Weather) {
  const random = createRandom(seed);
  const time = createVirtualTime(NOW);
  const stores = createMemoryStores(time);
  const log = createRecordingLog();
  const connections = new Set<ConnectionId>();
  /** Sessions of Socket.IO as they are stored, and those whose peer lives. */
  const [open, alive] = [new Set<EngineId>(), new Set<EngineId>()];
  const heard: boolean[] = [];
  /** What no storm explains. */
  const mistakes: unknown[] = [];
  let weather = stormy;
  let names = 0;

  await stores.users.register(
    { id: ANNA, username: 'anna', email: 'anna@example.com' as never, createdAt: NOW },
    'hash',
  );
  await withRoom(stores, ['anna', 'ben']);
  await stores.members.add(live('ben'), NOW + 24 * HOUR);

  const base = {
    ...stores,
    log,
    dialects: { native: { encode: (event: object) => JSON.stringify(event) } },
    roomLimit: PRESENCE.roomLimit.default,
    now: time.now,
    audience: {
      ...createFakeAudience(),
      openSession: async (_user: unknown, _at: unknown, known?: EngineId) =>
        known !== undefined && open.has(known) ? known : [...open][0],
    },
    gateway: {
      async post({ connectionId }: { connectionId: ConnectionId }, frame: string) {
        const event = JSON.parse(frame) as { kind: string; isOnline: boolean };
        if (connectionId === BEN && event.kind === 'presence.changed') heard.push(event.isOnline);
        return connectionId === BEN || connections.has(connectionId) ? ('sent' as const) : ('gone' as const);
      },
      async close({ connectionId }: { connectionId: ConnectionId }) {
        connections.delete(connectionId);
      },
      look: async ({ connectionId }: { connectionId: ConnectionId }) =>
        connections.has(connectionId) ? { connectedAt: 0, lastActiveAt: 0 } : ('gone' as const),
    },
    later: {
      async schedule(task: LaterTask, seconds: number) {
        void deliver(task, seconds);
        if (random.chance(weather.twice)) void deliver(task, seconds + random.below(5));
      },
    },
  };
  type Ports = typeof base;

  /** One request: takes effect somewhere between its sending and its answer, even of an invocation that has died meanwhile. */
  async function call(invocation: Invocation, { name, run }: PortCall): Promise<unknown> {
    const latency = () => (random.chance(weather.slow) ? random.below(4_000) : random.below(weather.latency));
    // What becomes of posts is another matter.
    const fails = !name.startsWith('gateway.post') && random.chance(weather.fail);
    const isLost = fails && random.chance(0.5);
    await time.sleep(latency());
    if (invocation.dead && random.chance(0.5)) return new Promise(() => {});
    const answer = fails && !isLost ? undefined : await run();
    await time.sleep(latency());
    if (invocation.dead) return new Promise(() => {});
    if (fails) throw new CausewayError('unavailable', 'Try again later.');
    return answer;
  }

  /** Runs until it ends, dies or is killed. */
  async function invoke(
    seconds: number,
    work: (deps: Ports) => Promise<unknown>,
  ): Promise<'done' | 'failed'> {
    const invocation: Invocation = { dead: false };
    const die = async (ms: number) => {
      await time.sleep(ms);
      invocation.dead = true;
      return 'failed' as const;
    };
    const ends: Promise<'done' | 'failed'>[] = [die(seconds * 1_000)];
    if (random.chance(weather.crash)) ends.push(die(random.below(random.chance(0.5) ? 100 : 3_000)));
    const around = (each: PortCall) => call(invocation, each);
    const wrapped = wrapRemotePorts(base, around);
    const deps: Ports = {
      ...wrapped,
      sessions: paging(wrapped.sessions, base.sessions, { around, method: 'watched' }),
      presence: paging(wrapped.presence, base.presence, { around, method: 'online' }),
    };
    const worked = work(deps).then(
      () => 'done' as const,
      (error: unknown) => {
        if (!(error instanceof CausewayError)) mistakes.push(error);
        return 'failed' as const;
      },
    );
    return Promise.race([worked, ...ends]);
  }

  /** A message of the queue: seen again after a minute while it fails, given up after three times. */
  async function deliver(task: LaterTask, seconds: number): Promise<void> {
    await time.sleep(Math.max(0, seconds * 1_000 - random.below(1_000)) + random.below(200));
    for (let attempt = 0; attempt < 3; attempt++) {
      const outcome = await invoke(10, (deps) =>
        task.kind === 'presence.settle' ? settlePresence(deps, task) : Promise.resolve(),
      );
      if (outcome === 'done') return;
      await time.sleep(MINUTE);
    }
  }

  /** A native connection that lives, unless it was refused. */
  async function connect(): Promise<ConnectionId | undefined> {
    const connectionId = `conn-anna/${++names}=` as ConnectionId;
    const opening = { identity: identity('anna'), connectionId, sessionId: `s${names}` as SessionId };
    const outcome = await invoke(10, (deps) =>
      openSession(deps, { ...opening, dialect: 'native', at: time.now() }),
    );
    if (outcome === 'failed') return undefined;
    connections.add(connectionId);
    return connectionId;
  }

  async function disconnect(connectionId: ConnectionId): Promise<void> {
    connections.delete(connectionId);
    if (random.chance(weather.silent)) return;
    if (random.chance(weather.slow)) await time.sleep(random.below(20_000));
    await invoke(28, (deps) => endSession(deps, { userId: ANNA, connectionId }, time.now()));
  }

  const settle = (deps: Ports, seconds: number) =>
    deps.later.schedule({ kind: 'presence.settle', userId: ANNA, at: time.now() }, seconds).catch(() => {});

  /** As chat on Socket.IO does it (compat/chat/admit.ts, arrive.ts): the session is stored last. */
  async function enter(): Promise<EngineId | undefined> {
    const sid = `sid-${++names}` as EngineId;
    const outcome = await invoke(28, async (deps) => {
      const user = { id: ANNA, username: 'anna', createdAt: time.now() };
      const admitted = await deps.sessions.admit(user, 'must-exist', time.now());
      if (admitted === 'away') await settle(deps, 1);
      await deps.users.get(ANNA);
      // Its commit.
      await deps.rooms.get(ROOM);
      open.add(sid);
    });
    if (!open.has(sid) || outcome === 'failed') return undefined;
    alive.add(sid);
    return sid;
  }

  async function end(sid: EngineId): Promise<void> {
    await invoke(28, async (deps) => {
      await deps.rooms.get(ROOM);
      if (open.delete(sid)) await settle(deps, PRESENCE.graceSeconds);
    });
  }

  async function exit(sid: EngineId): Promise<void> {
    alive.delete(sid);
    if (!random.chance(weather.silent)) await end(sid);
  }

  let sweeping: Ports = base;
  // Ports of the invocation that sweeps now: the instance, which remembers, outlives it.
  const ports = new Proxy(base, { get: (_, port) => sweeping[port as keyof Ports] });
  let sweepPresence = createPresenceSweep(ports);
  /** Once a minute, everything: the heartbeat of the bridge, native connections, who is online. */
  async function sweep(): Promise<void> {
    const now = time.now();
    for (const sid of open) if (!alive.has(sid)) void end(sid);
    await invoke(28, async (deps) => {
      if (random.chance(weather.crash)) sweepPresence = createPresenceSweep(ports);
      sweeping = deps;
      const round = { now, nextLookAt: now + roundMs(1), inTurn: async () => {} };
      const swept = ringsDue(Math.floor(now / MINUTE), 1).flatMap((ring) => [
        sweepConnections(deps, { ...round, ring }),
        sweepPresence({ ring, now }),
      ]);
      for (const done of await Promise.allSettled(swept))
        if (done.status === 'rejected' && !(done.reason instanceof CausewayError)) mistakes.push(done.reason);
    });
  }

  return {
    time,
    random,
    stores,
    heard,
    mistakes,
    log,
    connect,
    disconnect,
    enter,
    exit,
    sweep,
    calmDown: () => void (weather = CALM),
    isOnline: () => connections.size > 0 || alive.size > 0,
    left: () => ({ open: [...open], connections: [...connections] }),
  };
}

async function all(pages: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

/** A method that answers page by page: all pages are one call. */
function paging<T extends object>(
  wrapped: T,
  target: T,
  {
    around,
    method,
  }: { readonly around: (call: PortCall) => Promise<unknown>; readonly method: keyof T & string },
): T {
  const pages = target[method] as (ring: number) => AsyncIterable<unknown>;
  const paged = async function* (ring: number) {
    yield* (await around({ name: method, args: [ring], run: () => all(pages(ring)) })) as unknown[];
  };
  return new Proxy(wrapped, {
    get: (object, name) => (name === method ? paged : (Reflect.get(object, name) as unknown)),
  });
}
