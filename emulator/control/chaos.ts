/**
 * Seeded faults. Each site has its own row of random numbers, made from the seed and the site's name, so the n-th answer
 * at a site is the same in every run and does not depend on what is asked elsewhere.
 */
import type { Chaos } from '../types.ts';

export type ChaosSite = Parameters<Chaos['delay']>[0];
export type ChaosFault = Parameters<Chaos['strikes']>[0];

/** How often a site is slow, and by how much (uniform, milliseconds). Chosen to reorder and to stress, not measured on AWS. */
export const CHAOS_DELAYS: Readonly<
  Record<ChaosSite, { readonly rate: number; readonly minMs: number; readonly maxMs: number }>
> = {
  /** Messages of one socket overtake one another when some are held up. */
  message: { rate: 0.3, minMs: 1, maxMs: 40 },
  post: { rate: 0.2, minMs: 1, maxMs: 40 },
  dynamodb: { rate: 0.2, minMs: 1, maxMs: 30 },
  'cold-start': { rate: 1, minMs: 100, maxMs: 600 },
  /** "$disconnect is a best-effort event" (API Gateway Developer Guide): it may come after the client is back. */
  disconnect: { rate: 0.5, minMs: 10, maxMs: 2_000 },
  'async-invoke': { rate: 0.3, minMs: 20, maxMs: 1_000 },
  /** "EventBridge Scheduler … 60 second precision"; no test waits that long. */
  schedule: { rate: 0.5, minMs: 10, maxMs: 2_000 },
  /** How far a function gets that is about to die: mostly into the middle of its calls. */
  'end-of-function': { rate: 1, minMs: 0, maxMs: 25 },
};

/** Only in a storm: what a client or a function cannot help noticing. */
export const STORM_FAULTS = {
  'fail-post': 0.02,
  'lose-post': 0.01,
  'fail-dynamodb': 0.01,
  /** "The request processing has failed because of an unknown error": a write may have taken effect (DynamoDB Developer Guide, "Error handling"). */
  'lose-dynamodb': 0.01,
  /** "TooManyRequestsException" (Lambda API Reference, "Invoke"): an asynchronous event that Lambda does not take. */
  'throttle-invoke': 0.01,
  'kill-function': 0.01,
  'time-out-function': 0.004,
} as const satisfies Partial<Record<ChaosFault, number>>;

/** Probability of each other fault per question. */
export const CHAOS_FAULTS: Readonly<Record<Exclude<ChaosFault, keyof typeof STORM_FAULTS>, number>> = {
  'drop-disconnect': 0.1,
  'throttle-post': 0.02,
  'throttle-dynamodb': 0.02,
  'duplicate-message': 0.02,
  'duplicate-invoke': 0.05,
  /** "At-least-once delivery" (EventBridge Scheduler User Guide). */
  'duplicate-schedule': 0.05,
};

/** Without a seed nothing ever goes wrong. */
export function createChaos(seed?: string, { storm = false }: { readonly storm?: boolean } = {}): Chaos {
  if (seed === undefined) return { delay: () => 0, strikes: () => false };
  const calm = Object.fromEntries(Object.keys(STORM_FAULTS).map((fault) => [fault, 0])) as Record<
    keyof typeof STORM_FAULTS,
    number
  >;
  const rates: Readonly<Record<ChaosFault, number>> = { ...CHAOS_FAULTS, ...(storm ? STORM_FAULTS : calm) };
  const rows = new Map<string, () => number>();
  const draw = (name: string): number => {
    let row = rows.get(name);
    if (!row) rows.set(name, (row = randomRow(`${seed}\u0000${name}`)));
    return row();
  };
  return {
    delay(site) {
      const { rate, minMs, maxMs } = CHAOS_DELAYS[site];
      const [chance, size] = [draw(`delay ${site}`), draw(`delay ${site}`)];
      return chance < rate ? Math.round(minMs + size * (maxMs - minMs)) : 0;
    },
    strikes: (fault) => draw(`fault ${fault}`) < rates[fault],
  };
}

/** The same, but for faults that strike whenever they can. */
export interface ForcedChaos extends Chaos {
  force(faults: readonly ChaosFault[]): void;
}

export function forcible(chaos: Chaos): ForcedChaos {
  let forced: ReadonlySet<ChaosFault> = new Set();
  return {
    delay: (site) => chaos.delay(site),
    strikes: (fault) => forced.has(fault) || chaos.strikes(fault),
    force: (faults) => void (forced = new Set(faults)),
  };
}

/** Numbers in [0, 1): FNV-1a of the name as start, then the splitmix32 generator. */
function randomRow(name: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
