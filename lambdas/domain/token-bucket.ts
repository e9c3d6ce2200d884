/**
 * Token buckets that hold across function instances without asking a table at every event. Pure.
 *
 * A bucket is one instant: when it will be full again if nothing more is taken (GCRA's theoretical arrival time). It is shared
 * in one row; each instance keeps a gauge of it, which knows what the row said last and what was taken here since. While
 * plenty is left an instance takes at once and pays for many at a time, beside other work; the less is left, the sooner it
 * pays; and of the last tenth the row decides. A gauge never claims that more was taken than was, so nobody is refused
 * anything that is left.
 */
import type { Millis } from './entities.ts';

/** `burst` at once, `perSecond` in the long run. */
export interface Allowance {
  readonly perSecond: number;
  readonly burst: number;
}

/** What one instance knows of a bucket. */
export interface Gauge {
  /** When the bucket will be full, as far as this instance knows: not earlier. */
  readonly fullAt: Millis;
  /** What the row said of that last: it never says less later. */
  readonly row: Millis;
  /** Tokens taken here that the row has not been told of. */
  readonly owed: number;
  /** When the first of these was taken. */
  readonly owedSince: Millis;
  /** Refusals since the bucket was last half full. */
  readonly refused: number;
}

export const UNKNOWN: Gauge = { fullAt: 0, row: 0, owed: 0, owedSince: 0, refused: 0 };

export interface Taking {
  readonly at: Millis;
  /** Tokens. */
  readonly cost: number;
}

export type Decision =
  /** Taken. `pay`: tokens to tell the row of now, beside other work; none when 0. */
  | { readonly do: 'take'; readonly pay: number; readonly gauge: Gauge }
  /** The row decides: see Ask. */
  | { readonly do: 'ask' }
  | { readonly do: 'refuse'; readonly retryAfterMs: Millis; readonly gauge: Gauge };

/** What is asked of a row, in its own unit: how much later the bucket is full for it, and when it must be full at the latest. */
export interface Ask {
  readonly ms: Millis;
  readonly until: Millis;
}

/** Of a bucket; of this part the row decides. */
const LAST_PART = 1 / 10;
/** Of what is left above it an instance may take so much before it pays; less when it alone takes more than comes back. */
const CHUNK = 1 / 9;
const HASTY_CHUNK = 1 / 40;
/** Debts are forgotten after so many times what an empty bucket needs to fill. */
const FORGETS_AFTER = 10;
/** Instants are fractions of milliseconds here. */
const ROUNDING_MS = 1e-3;

/** How long a token takes to come back. */
export function tokenMs({ perSecond }: Allowance): Millis {
  return 1000 / perSecond;
}

/** How long an empty bucket takes to fill. */
export function fillMs(allowance: Allowance): Millis {
  return allowance.burst * tokenMs(allowance);
}

export function take(gauge: Gauge, allowance: Allowance, { at, cost }: Taking): Decision {
  const before = calmed(forgiven(gauge, allowance, at), allowance, at);
  const fullAt = Math.max(before.fullAt, at) + costMs(allowance, cost);
  const left = (at + fillMs(allowance) - fullAt) / tokenMs(allowance);
  if (left < -ROUNDING_MS) {
    // More than fits into the bucket comes never, however long one waits.
    const retryAfterMs = fullAt - at - fillMs(allowance);
    return { do: 'refuse', retryAfterMs, gauge: { ...before, refused: before.refused + 1 } };
  }
  const spare = left - allowance.burst * LAST_PART;
  if (spare < 0) return { do: 'ask' };
  const owed = before.owed + cost;
  const owedSince = before.owed === 0 ? at : before.owedSince;
  const chunk = costMs(allowance, owed) > at - owedSince ? HASTY_CHUNK : CHUNK;
  if (owed < Math.max(1, Math.floor(spare * chunk)))
    return { do: 'take', pay: 0, gauge: { ...before, fullAt, owed, owedSince } };
  return { do: 'take', pay: owed, gauge: { ...before, fullAt, owed: 0 } };
}

/** What a row is told, in its own unit. */
export function costMs(allowance: Allowance, tokens: number): Millis {
  return tokens * tokenMs(allowance);
}

/** For `ask`: what is owed goes along. */
export function askOf({ owed }: Gauge, allowance: Allowance, { at, cost }: Taking): Ask {
  return { ms: costMs(allowance, owed + cost), until: at + fillMs(allowance) };
}

/** The row was told of tokens and answered when the bucket will be full; others may have been taken here meanwhile. */
export function told(gauge: Gauge, allowance: Allowance, fullAt: Millis): Gauge {
  return {
    ...gauge,
    fullAt: Math.max(gauge.fullAt, fullAt + costMs(allowance, gauge.owed)),
    row: Math.max(gauge.row, fullAt),
  };
}

/** The row granted what it was asked for, and everything owed with it. */
export function granted(gauge: Gauge, allowance: Allowance, fullAt: Millis): Gauge {
  return told({ ...gauge, owed: 0 }, allowance, fullAt);
}

/** The row did not grant it. Somebody else took the last token: the next comes after this one's time at the earliest. */
export function denied(gauge: Gauge, allowance: Allowance, taking: Taking): Gauge {
  const { ms, until } = askOf(gauge, allowance, taking);
  const fullAt = until - costMs(allowance, taking.cost - 1);
  return {
    ...gauge,
    fullAt: Math.max(gauge.fullAt, fullAt),
    row: Math.max(gauge.row, until - ms),
    refused: gauge.refused + 1,
  };
}

/** The row could not be told: it is still owed. */
export function stillOwed(gauge: Gauge, tokens: number, at: Millis): Gauge {
  return {
    ...gauge,
    owed: gauge.owed + tokens,
    owedSince: gauge.owed === 0 ? at : Math.min(gauge.owedSince, at),
  };
}

/** Old debts have come back long ago; of somebody who takes a little now and then the row never hears. */
function forgiven(gauge: Gauge, allowance: Allowance, at: Millis): Gauge {
  const isOld = gauge.owed > 0 && at - gauge.owedSince > FORGETS_AFTER * fillMs(allowance);
  return isOld ? { ...gauge, owed: 0 } : gauge;
}

function calmed(gauge: Gauge, allowance: Allowance, at: Millis): Gauge {
  return gauge.refused > 0 && gauge.fullAt - at < fillMs(allowance) / 2 ? { ...gauge, refused: 0 } : gauge;
}
