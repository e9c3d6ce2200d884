import type { Random } from './random.ts';

/** What goes wrong, and how often: probabilities per question, times in milliseconds. */
export interface Weather {
  /** Held up on its way to its function, so that later ones overtake it. */
  frameHeldUp: number;
  duplicateFrame: number;
  postHeldUp: number;
  /** After the SDK's own retries. */
  throttledPost: number;
  /** 500 of the management API: nothing was delivered. */
  failedPost: number;
  /** The answer was lost: the frame has been delivered, or not. */
  lostPost: number;
  slowStore: number;
  /** After the SDK's own retries: nothing was done. */
  failedStore: number;
  /** It was done, and the answer was lost. */
  lostStore: number;
  dropDisconnect: number;
  lateDisconnect: number;
  duplicateInvoke: number;
  lateInvoke: number;
  crash: number;
  hang: number;
  /** Never drawn: what no gateway does. For tests of the suite itself, which must notice. */
  swallowedPost: number;
  doubledPost: number;
}

export const CALM: Weather = {
  frameHeldUp: 0,
  duplicateFrame: 0,
  postHeldUp: 0,
  throttledPost: 0,
  failedPost: 0,
  lostPost: 0,
  slowStore: 0,
  failedStore: 0,
  lostStore: 0,
  dropDisconnect: 0,
  lateDisconnect: 0,
  duplicateInvoke: 0,
  lateInvoke: 0,
  crash: 0,
  hang: 0,
  swallowedPost: 0,
  doubledPost: 0,
};

const ROUGH: Weather = {
  frameHeldUp: 0.3,
  duplicateFrame: 0.03,
  postHeldUp: 0.25,
  throttledPost: 0.03,
  failedPost: 0.02,
  lostPost: 0.01,
  slowStore: 0.15,
  failedStore: 0.008,
  lostStore: 0.005,
  dropDisconnect: 0.2,
  lateDisconnect: 0.5,
  duplicateInvoke: 0.05,
  lateInvoke: 0.3,
  crash: 0.01,
  hang: 0.003,
  swallowedPost: 0,
  doubledPost: 0,
};

/** A day of its own for each seed: some faults are left out, so that others are seen alone. */
export function weatherOf(random: Random): Weather {
  const entries = Object.entries(ROUGH).map(([name, rate]) => [name, random.chance(0.6) ? rate : 0]);
  return { ...CALM, ...(Object.fromEntries(entries) as Partial<Weather>) };
}
