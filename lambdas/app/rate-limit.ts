import type { Millis } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import {
  type Allowance,
  askOf,
  costMs,
  denied,
  fillMs,
  type Gauge,
  granted,
  stillOwed,
  take,
  type Taking,
  told,
  tokenMs,
  UNKNOWN,
} from '../domain/token-bucket.ts';
import { API_GATEWAY, type ClientLimits, RATE_MEMO } from '../manifest/limits.ts';
import type { BucketStore, Spending } from '../ports/buckets.ts';
import type { Log } from '../ports/runtime.ts';

/** Whose allowance is used. `devices`: connects of one user; app/connection-limit.ts says what comes of too many. */
export type Subject = 'socket' | 'user' | 'frames' | 'connects' | 'devices';

export type RateLimits = Pick<
  ClientLimits,
  'perSocket' | 'perUser' | 'framesPerSocket' | 'connectsPerAddress' | 'connectionsPerUser'
>;

export interface Use {
  /** Ids; what is undefined is not counted. All of them are used; the narrowest stands first, so that what it refuses costs the others nothing. */
  readonly of: { readonly [Name in Subject]?: string | undefined };
  readonly at: Millis;
  /** How many times over. Default 1. */
  readonly cost?: number;
}

export type Outcome =
  /** `told`: fulfilled when the rows know of it. Never rejects; to be waited for before the invocation ends. */
  { readonly ok: true; readonly told: Promise<unknown> } | Refusal;

export interface Refusal {
  readonly ok: false;
  readonly retryAfterSeconds: number;
  /** Refusals by this instance since the bucket was last half full. */
  readonly refused: number;
  /** That were as many as fit into the bucket, or twice as many, and so on: no accident any more. */
  readonly isFlood: boolean;
}

/** Token buckets of one warm function instance, kept honest by rows that all instances share (domain/token-bucket.ts). */
export interface RateLimiter {
  /** Waits for a store only when little is left. A store that cannot answer refuses nobody. */
  use(use: Use): Promise<Outcome>;
}

export interface RateLimiterDeps {
  readonly buckets: BucketStore;
  readonly limits: RateLimits;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Refuses nothing and counts nothing. */
export const UNLIMITED: RateLimiter = {
  use: () => Promise.resolve({ ok: true, told: Promise.resolve() }),
};

/** Once per function instance. */
export function createRateLimiter(deps: RateLimiterDeps, entries: number = RATE_MEMO.entries): RateLimiter {
  const gauges = createGauges(entries);
  const allowances = allowancesOf(deps.limits);
  return {
    async use({ of, at, cost = 1 }) {
      const telling: Promise<unknown>[] = [];
      for (const [subject, id] of Object.entries(of)) {
        if (id === undefined) continue;
        const allowance = allowances[subject as Subject];
        const bucket = { ...deps, gauges, name: `${subject}:${id}`, allowance };
        const outcome = await useOne(bucket, { at, cost });
        if (!outcome.ok) {
          report(deps.log, subject, outcome);
          return outcome;
        }
        telling.push(outcome.told);
      }
      return { ok: true, told: Promise.all(telling) };
    },
  };
}

function allowancesOf(limits: RateLimits): Readonly<Record<Subject, Allowance>> {
  // A connection lives two hours at most. Whoever connected no more often than this has, in any two hours, no more than the
  // limit: the bucket once full, and once over what comes back meanwhile.
  const half = Math.ceil(limits.connectionsPerUser / 2);
  return {
    socket: limits.perSocket,
    user: limits.perUser,
    frames: limits.framesPerSocket,
    connects: limits.connectsPerAddress,
    devices: { burst: half, perSecond: half / API_GATEWAY.lifetimeSeconds },
  };
}

/** The first of a flood, and then ever fewer. Neither sids nor addresses belong into a log, and the caller knows whose it is. */
function report(log: RateLimiterDeps['log'], subject: string, { refused }: Refusal): void {
  if (Number.isInteger(Math.log2(refused))) log.info('an allowance is used up', { subject, refused });
}

/** Does something on somebody's allowance; what is to be paid is paid meanwhile. Rejects with `rate_limited` when it is used up. */
export async function limited<T>(limiter: RateLimiter, use: Use, work: () => Promise<T>): Promise<T> {
  const outcome = await limiter.use(use);
  if (!outcome.ok) throw rateLimited(outcome);
  return besides(outcome.told, work);
}

/** Does the work while the rows are told. */
export async function besides<T>(told: Promise<unknown>, work: () => Promise<T>): Promise<T> {
  const [done] = await Promise.allSettled([work(), told]);
  if (done.status === 'rejected') throw done.reason;
  return done.value;
}

export function rateLimited({ retryAfterSeconds }: Refusal): CausewayError {
  return new CausewayError('rate_limited', `Too much at once. Try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}

interface Bucket extends RateLimiterDeps {
  readonly gauges: Gauges;
  readonly name: string;
  readonly allowance: Allowance;
}

const NOTHING = Promise.resolve();

async function useOne(bucket: Bucket, taking: Taking): Promise<Outcome> {
  const { gauges, name, allowance } = bucket;
  const decision = take(gauges.of(name), allowance, taking);
  if (decision.do === 'ask') return ask(bucket, taking);
  gauges.set(name, decision.gauge);
  if (decision.do === 'refuse') return refusal(decision.gauge, allowance, decision.retryAfterMs);
  const { pay } = decision;
  return { ok: true, told: pay === 0 ? NOTHING : tell(bucket, { at: taking.at, cost: pay }) };
}

/** Never rejects. */
async function tell(bucket: Bucket, { at, cost }: Taking): Promise<void> {
  const { gauges, name, allowance } = bucket;
  const fullAt = await spend(bucket, { at, ms: costMs(allowance, cost) });
  const gauge = gauges.of(name);
  // Without a condition there is no refusal but that of a store that cannot answer.
  gauges.set(name, typeof fullAt === 'number' ? told(gauge, allowance, fullAt) : stillOwed(gauge, cost, at));
}

async function ask(bucket: Bucket, taking: Taking): Promise<Outcome> {
  const { gauges, name, allowance } = bucket;
  const { at, cost } = taking;
  const answer = await spend(bucket, { at, ...askOf(gauges.of(name), allowance, taking) });
  const gauge = gauges.of(name);
  if (answer === 'refused') {
    gauges.set(name, denied(gauge, allowance, taking));
    return refusal(gauges.of(name), allowance, tokenMs(allowance));
  }
  gauges.set(name, answer === 'failed' ? stillOwed(gauge, cost, at) : granted(gauge, allowance, answer));
  return { ok: true, told: NOTHING };
}

async function spend(
  { buckets, gauges, name, allowance, log }: Bucket,
  spending: Pick<Spending, 'at' | 'ms' | 'until'>,
): Promise<Millis | 'refused' | 'failed'> {
  const { at } = spending;
  try {
    return await buckets.spend(name, {
      ...spending,
      notFull: gauges.of(name).row > at,
      expiresAt: at + 2 * fillMs(allowance) + RATE_MEMO.rowSpareMs,
    });
  } catch (error) {
    log.warn('a token bucket could not be written', { error });
    return 'failed';
  }
}

function refusal({ refused }: Gauge, { burst }: Allowance, retryAfterMs: Millis): Refusal {
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return { ok: false, retryAfterSeconds, refused, isFlood: refused % burst === 0 };
}

interface Gauges {
  of(name: string): Gauge;
  set(name: string, gauge: Gauge): void;
}

/** Bounded: the one that was used longest ago makes room, and what it owed is forgotten. */
function createGauges(entries: number): Gauges {
  const gauges = new Map<string, Gauge>();
  return {
    of: (name) => gauges.get(name) ?? UNKNOWN,
    set(name, gauge) {
      // A Map iterates in insertion order; taking the entry out first makes it the youngest.
      gauges.delete(name);
      gauges.set(name, gauge);
      if (gauges.size > entries) gauges.delete(gauges.keys().next().value as string);
    },
  };
}
