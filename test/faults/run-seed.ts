import type { Archive, Chatter } from './clients/app.ts';
import { API_GATEWAY } from '../../lambdas/manifest/limits.ts';
import { createNativeClient } from './clients/native-chatter.ts';
import { createStockClient } from './clients/stock-client.ts';
import { judge, type Truth, type Verdict, type Witness } from './model.ts';
import { planOf, type Cast, type Plan, type Scale, type Step } from './plan.ts';
import { userIdOf } from './sim/adapters.ts';
import { createRandom } from './sim/random.ts';
import { installVirtualTime, type VirtualTime } from './sim/virtual-time.ts';
import type { Weather } from './sim/weather.ts';
import { createWorld, FUNCTION_NAMES, SWEEP_MS, type World } from './sim/world.ts';

export interface Outcome extends Verdict {
  readonly seed: string;
  readonly messages: number;
  readonly cuts: number;
  readonly recoveries: number;
  readonly fresh: number;
  /** Clients that were not back in the end. */
  readonly stuck: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly world: World;
  readonly actors: readonly Actor[];
  readonly plan: Plan;
}

export interface Actor extends Witness {
  readonly chatter: Chatter;
  stopped: boolean;
  /** Without a word. */
  rude: boolean;
}

const FIRST_RUN = Date.UTC(2026, 0, 2, 3, 4, 5);
/** Time does not go back between the runs of a process: modules remember when they were last asked. A whole number of minutes. */
const BETWEEN_RUNS_MS = 4 * 24 * 3_600_000;
let runs = 0;
/** Long enough for every queue and retry: the later one of an asynchronous invoke comes after three minutes. */
const AFTERMATH_MS = 200_000;
const TWO_SWEEPS_MS = 2 * SWEEP_MS + 15_000;
/** After which API Gateway itself notices that a native client has vanished. */
const IDLE_MS = API_GATEWAY.idleSeconds * 1000;

export interface RunOptions {
  readonly scale?: Scale;
  /** Faults that are left out. */
  readonly without?: readonly string[];
  /** Faults that no plan has. */
  readonly sabotage?: Partial<Weather>;
  /** Is told of everything on the network, with the milliseconds since the start. */
  readonly trace?: (at: number, line: string) => void;
}

/** Runs one plan in virtual time and judges it. Whatever is random comes from the seed. */
export async function runSeed(
  seed: string,
  { scale, without = [], sabotage = {}, trace }: RunOptions = {},
): Promise<Outcome> {
  const made = planOf(seed, scale);
  const calmed = Object.fromEntries(without.map((fault) => [fault, 0]));
  const plan = { ...made, weather: { ...made.weather, ...calmed, ...sabotage } };
  const random = createRandom(`${seed} run`);
  const startsAt = FIRST_RUN + runs * BETWEEN_RUNS_MS;
  runs += 1;
  const time = installVirtualTime(startsAt, random);
  try {
    const traced = (line: string) => trace?.(time.now() - startsAt, line);
    const options = {
      time,
      random,
      weather: { ...plan.weather },
      skewMs: plan.skewMs,
      recoveryMs: 120_000,
      trace: traced,
    };
    return await play(plan, time, await createWorld(options));
  } finally {
    time.restore();
  }
}

async function play(plan: Plan, time: VirtualTime, world: World): Promise<Outcome> {
  const startsAt = time.now();
  await people(plan, world);
  const stage = createStage(plan, time, world);
  for (const step of plan.steps) {
    await time.run(startsAt + step.at);
    stage.perform(step);
  }
  await time.run(startsAt + plan.endsAt);
  world.calm();
  stage.settle();
  await time.run(time.now() + AFTERMATH_MS);
  await time.run(time.now() + TWO_SWEEPS_MS);
  const actors = stage.actors();
  // Before API Gateway knows that a native client has vanished nobody can know.
  const hidden = new Set(
    actors.filter(({ speaks, rude }) => speaks === 'native' && rude).map(({ userId }) => userId),
  );
  const early = judge(actors, await truthOf(plan, world)).violations.filter(
    ({ kind, what }) => kind === 'stale' && !hidden.has(what as never),
  );
  await time.run(time.now() + IDLE_MS + TWO_SWEEPS_MS);
  const verdict = judge(actors, await truthOf(plan, world));
  const chatters = actors.map(({ chatter }) => chatter);
  return {
    ...verdict,
    violations: [...early, ...verdict.violations],
    seed: plan.seed,
    messages: chatters.reduce((sum, { sent }) => sum + sent.length, 0),
    cuts: chatters.reduce((sum, { cuts }) => sum + cuts, 0),
    recoveries: chatters.reduce((sum, { recoveries }) => sum + recoveries, 0),
    fresh: chatters.reduce((sum, { lineages }) => sum + Math.max(0, lineages.length - 1), 0),
    stuck: actors.filter(({ stopped, chatter }) => !stopped && !chatter.isReady).map(({ name }) => name),
    counts: world.counts,
    world,
    actors,
    plan,
  };
}

async function people({ users, rooms }: Plan, { stores }: World): Promise<void> {
  const ids = users.map(userIdOf);
  for (const name of users) {
    const user = {
      id: userIdOf(name),
      username: name,
      email: `${name}@example.com` as never,
      createdAt: Date.now(),
    };
    await stores.users.register(user, 'hash');
  }
  for (const room of rooms)
    await stores.rooms.create({ id: room as never, createdBy: ids[0]!, createdAt: Date.now() }, ids);
}

function createStage(plan: Plan, time: VirtualTime, world: World) {
  const archive = archiveOf(time, world);
  const all: Actor[] = [];
  const live = new Map<string, Actor>();
  const numbers = new Map<string, number>();
  let step = 0;
  const faults = createRandom(`${plan.seed} stage`);

  function start(name: string): void {
    const cast = plan.cast.find((one) => one.name === name);
    if (cast === undefined || live.has(name)) return;
    const actor = enter(cast, all.filter((one) => one.name.startsWith(`${name}_`)).length);
    all.push(actor);
    live.set(name, actor);
    actor.chatter.start();
  }

  function enter(cast: Cast, before: number): Actor {
    const userId = userIdOf(cast.user);
    const options = {
      ...cast,
      name: `${cast.name}_${before}`,
      userId,
      archive,
      reach: { time, gateway: world.gateway, http: world.http },
    };
    const chatter =
      cast.speaks === 'native'
        ? createNativeClient(options)
        : createStockClient({ ...options, speaks: cast.speaks });
    return {
      chatter,
      userId,
      name: chatter.name,
      speaks: chatter.speaks,
      lineages: chatter.lineages,
      sent: chatter.sent,
      stopped: false,
      rude: false,
      get isReady() {
        return chatter.isReady;
      },
      get isConnected() {
        return chatter.isConnected;
      },
    };
  }

  function stop(name: string, politely: boolean): void {
    const actor = live.get(name);
    if (actor === undefined) return;
    live.delete(name);
    actor.stopped = true;
    actor.rude = !politely;
    actor.chatter.stop(politely);
  }

  /** Messages are numbered by client and room: `name 7`. */
  function send(chatter: Chatter, room: string): void {
    const key = `${chatter.name} ${room}`;
    const number = numbers.get(key) ?? 0;
    numbers.set(key, number + 1);
    chatter.send(room, `${chatter.name} ${number}`);
  }

  function act(
    next: Exclude<Step, { readonly do: 'notify' | 'redeploy' | 'cut all' | 'crash' | 'start' | 'stop' }>,
  ): void {
    const chatter = live.get(next.client)?.chatter;
    if (chatter === undefined) return;
    if (next.do === 'send') send(chatter, next.room);
    else if (next.do === 'type') chatter.type(next.room, next.isTyping);
    else if (next.do === 'read' || next.do === 'join' || next.do === 'leave') chatter[next.do](next.room);
    else if (next.do === 'offline') {
      chatter.offline(true);
      time.after(next.forMs, () => chatter.offline(false));
    } else if (next.do === 'cut') cut(chatter);
    else chatter[next.do]();
  }

  /** As at the end of two hours: by the gateway. */
  function cut(chatter: Chatter): void {
    for (const id of chatter.wireIds()) world.gateway.cut(id);
  }

  return {
    actors: () => all,
    perform(next: Step): void {
      step += 1;
      switch (next.do) {
        case 'notify':
          return world.notify(userIdOf(next.user), { text: `note ${step}` });
        case 'redeploy':
          return world.redeploy();
        case 'cut all':
          for (const { id } of world.gateway.open()) world.gateway.cut(id);
          return;
        case 'crash':
          return world.crashNext(faults.pick(FUNCTION_NAMES), next.kind);
        case 'start':
          return start(next.client);
        case 'stop':
          return stop(next.client, next.politely);
        default:
          return act(next);
      }
    },
    /** Networks are back. */
    settle(): void {
      for (const { chatter } of live.values()) {
        chatter.offline(false);
        chatter.wake();
      }
    },
  };
}

function archiveOf(time: VirtualTime, { stores }: World): Archive {
  return {
    async history(roomId) {
      await time.sleep(20);
      const { messages } = await stores.messages.history(roomId as never, { limit: 10_000 });
      await time.sleep(20);
      return messages;
    },
    async notes(userId) {
      await time.sleep(20);
      const { notifications } = await stores.notifications.list(userId as never, {
        limit: 10_000,
        unreadOnly: false,
      });
      await time.sleep(20);
      return notifications;
    },
  };
}

async function truthOf({ users, rooms }: Plan, { stores, refused }: World): Promise<Truth> {
  const messages = (
    await Promise.all(rooms.map((room) => stores.messages.history(room as never, { limit: 10_000 })))
  ).flatMap((page) => page.messages);
  const lists = await Promise.all(
    users.map((user) => stores.notifications.list(userIdOf(user), { limit: 10_000, unreadOnly: false })),
  );
  const receipts = new Map<string, string>();
  for (const room of rooms)
    for (const { userId, lastReadMessageId } of await stores.rooms.participants(room as never))
      if (lastReadMessageId !== undefined) receipts.set(`${room} ${userId}`, lastReadMessageId);
  const marks = await Promise.all(users.map((user) => stores.presence.get(userIdOf(user))));
  const online = new Set(
    marks.flatMap((mark) => (mark === undefined || mark.stage === 'offline' ? [] : [mark.userId])),
  );
  const notifications = lists.flatMap((list) => list.notifications);
  return { messages, notifications, receipts, online, refused };
}
