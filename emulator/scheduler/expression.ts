import { parseCron } from './cron.ts';

/** When a schedule calls its target. Times are epoch milliseconds. */
export interface Expression {
  /** As the template writes it. */
  readonly text: string;
  readonly kind: 'rate' | 'cron' | 'at';
  /** The first time after `after`; undefined when there is none. For a rate, `after` is the time before it. */
  next(after: number): number | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(1 minute)`, `cron(0 12 * * ? *)`, `at(2030-01-31T12:00:00)`, all in UTC. Throws for anything else. */
export function parseExpression(text: string): Expression {
  const [, kind, argument = ''] = /^(rate|cron|at)\((.+)\)$/.exec(text.trim()) ?? [];
  if (kind === 'rate') return { text, kind, next: rate(argument) };
  if (kind === 'cron') return { text, kind, next: (after) => parseCron(argument).next(after) };
  if (kind === 'at') return { text, kind, next: once(argument) };
  throw new Error(`"${text}" is no schedule expression; write rate(…), cron(…) or at(…)`);
}

/** "A positive integer" and a unit, singular for 1. */
function rate(argument: string): Expression['next'] {
  const [, value, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(argument) ?? [];
  const isPlural = argument.endsWith('s');
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined || Number(value) < 1 || isPlural === (value === '1'))
    throw new Error(`rate(${argument}) is no rate; write rate(1 minute), rate(5 minutes), rate(1 hour) …`);
  return (after) => after + Number(value) * unitMs;
}

function once(argument: string): Expression['next'] {
  const at = Date.parse(`${argument}Z`);
  if (Number.isNaN(at)) throw new Error(`at(${argument}) is no time; write at(2030-01-31T12:00:00)`);
  return (after) => (at > after ? at : undefined);
}
