import type { Outcome } from './run-seed.ts';

/** What a number of runs came to. */
export interface Totals {
  runs: number;
  messages: number;
  acknowledged: number;
  deliveries: number;
  cuts: number;
  recoveries: number;
  fresh: number;
  invocations: number;
  crashes: number;
  lost: number;
  doubled: number;
  disordered: number;
  stale: number;
  stuck: number;
  unhandled: number;
  unheard: number;
  late: number;
}

export function noTotals(): Totals {
  return {
    runs: 0,
    messages: 0,
    acknowledged: 0,
    deliveries: 0,
    cuts: 0,
    recoveries: 0,
    fresh: 0,
    invocations: 0,
    crashes: 0,
    lost: 0,
    doubled: 0,
    disordered: 0,
    stale: 0,
    stuck: 0,
    unhandled: 0,
    unheard: 0,
    late: 0,
  };
}

export function add(totals: Totals, outcome: Outcome): void {
  const found = (...kinds: readonly string[]) =>
    outcome.violations.filter(({ kind }) => kinds.includes(kind)).length;
  totals.runs += 1;
  for (const key of [
    'messages',
    'acknowledged',
    'deliveries',
    'cuts',
    'recoveries',
    'fresh',
    'unheard',
    'late',
  ] as const)
    totals[key] += outcome[key];
  totals.invocations += outcome.counts['invocations'] ?? 0;
  totals.crashes += outcome.counts['crashes'] ?? 0;
  totals.lost += found('lost', 'vanished');
  totals.doubled += found('doubled');
  totals.disordered += found('disordered');
  totals.stale += found('stale', 'absent');
  totals.stuck += outcome.stuck.length;
}

/** One line for each figure. */
export function describeTotals(totals: Totals): string {
  return Object.entries(totals)
    .map(([name, value]) => `${name.padEnd(14)}${Number(value).toLocaleString('en').padStart(12)}`)
    .join('\n');
}

/** What went wrong in a run, and how to see it again; undefined when nothing did. */
export function complaint({ seed, violations, stuck }: Outcome, replay: string): string | undefined {
  if (violations.length === 0 && stuck.length === 0) return undefined;
  const told = violations.slice(0, 5).map(({ kind, client, what }) => `  ${kind} ${client} ${what}`);
  const more = violations.length > 5 ? [`  … and ${violations.length - 5} more`] : [];
  const lines = [...told, ...more, ...stuck.map((client) => `  stuck ${client}`)];
  return [`seed ${seed}: npm run soak -- ${replay}`, ...lines].join('\n');
}
