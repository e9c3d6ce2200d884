/** Lambda: instances that handle one event at a time, start cold, crash in the middle of a handler, or never end. */
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Weather } from './weather.ts';

const MOST_CALLS_BEFORE_CRASH = 8;

export class FunctionFailed extends Error {
  readonly kind: 'crash' | 'timeout';
  constructor(kind: 'crash' | 'timeout') {
    super(kind);
    this.kind = kind;
  }
}

/** One execution environment: what it calls of AWS goes through `around`. */
export interface Instance {
  readonly name: string;
  /** How far its clock is off. */
  readonly skewMs: number;
  /** Every call of a port. What a dead instance calls never comes back. */
  around<T>(call: () => Promise<T>, disturb: () => Promise<void>): Promise<T>;
}

interface Life extends Instance {
  isDead: boolean;
  isBusy: boolean;
  isRetired: boolean;
  callsToCrash: number;
  crashesAfter: boolean;
  die: () => void;
  /** Between two events an instance stands still: what a handler left behind goes on with the next one. */
  frozen: Promise<void> | undefined;
  thaw: () => void;
}

export type Handler<E, R> = (event: E) => Promise<R>;

export interface Pool<E, R> {
  /** Rejects with FunctionFailed. */
  invoke(event: E): Promise<R>;
  /** New code: instances that idle are gone. */
  redeploy(): void;
  /** The next event's instance dies in the middle. */
  crashNext(kind: 'crash' | 'timeout'): void;
  readonly started: number;
}

export interface LambdaDeps {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
  readonly skewMs: number;
  readonly timeoutMs: number;
  readonly count: (what: 'invocations' | 'crashes' | 'coldStarts') => void;
}

export function createPool<E, R>(
  deps: LambdaDeps,
  name: string,
  create: (instance: Instance) => Handler<E, R>,
): Pool<E, R> {
  const random = deps.random.branch(name);
  const instances: { readonly life: Life; readonly handler: Handler<E, R> }[] = [];
  let started = 0;
  let doom: 'crash' | 'timeout' | undefined;

  async function take() {
    const idle = instances.find(({ life }) => !life.isBusy && !life.isDead && !life.isRetired);
    if (idle !== undefined) {
      idle.life.isBusy = true;
      return idle;
    }
    started += 1;
    deps.count('coldStarts');
    const life = createLife(`${name}-${started}`, random.between(-deps.skewMs, deps.skewMs));
    const fresh = { life, handler: create(life) };
    life.isBusy = true;
    instances.push(fresh);
    await deps.time.sleep(random.between(60, 400));
    return fresh;
  }

  async function invoke(event: E): Promise<R> {
    deps.count('invocations');
    const { life, handler } = await take();
    const fate = doom ?? fateOf(random, deps.weather);
    doom = undefined;
    if (fate !== undefined) {
      life.callsToCrash = random.between(1, MOST_CALLS_BEFORE_CRASH);
      life.crashesAfter = random.chance(0.5);
    }
    life.thaw();
    const died = new Promise<'died'>((resolve) => {
      life.die = () => resolve('died');
    });
    const outcome = await Promise.race([handler(event).then((value) => ({ value })), died]);
    life.callsToCrash = Infinity;
    freeze(life);
    life.isBusy = false;
    if (outcome !== 'died') return outcome.value;
    deps.count('crashes');
    if (fate === 'timeout') await deps.time.sleep(deps.timeoutMs);
    throw new FunctionFailed(fate ?? 'crash');
  }

  return {
    invoke,
    redeploy() {
      for (const { life } of instances) life.isRetired = true;
    },
    crashNext(kind) {
      doom = kind;
    },
    get started() {
      return started;
    },
  };
}

function fateOf(random: Random, { crash, hang }: Weather): 'crash' | 'timeout' | undefined {
  const drawn = random.next();
  if (drawn < crash) return 'crash';
  return drawn < crash + hang ? 'timeout' : undefined;
}

function freeze(life: Life): void {
  life.frozen = new Promise((resolve) => {
    life.thaw = () => {
      life.frozen = undefined;
      resolve();
    };
  });
}

const NEVER = new Promise<never>(() => {});

function createLife(name: string, skewMs: number): Life {
  const life: Life = {
    name,
    skewMs,
    isDead: false,
    isBusy: false,
    isRetired: false,
    callsToCrash: Infinity,
    crashesAfter: false,
    die: () => {},
    frozen: undefined,
    thaw: () => {},
    async around(call, disturb) {
      if (life.frozen !== undefined) await life.frozen;
      if (life.isDead) return NEVER;
      life.callsToCrash -= 1;
      const isLast = life.callsToCrash <= 0;
      if (isLast && !life.crashesAfter) return end();
      await disturb();
      if (life.isDead) return NEVER;
      const result = await call();
      if (life.isDead) return NEVER;
      return isLast ? end() : result;
    },
  };
  const end = (): Promise<never> => {
    life.isDead = true;
    life.die();
    return NEVER;
  };
  return life;
}
