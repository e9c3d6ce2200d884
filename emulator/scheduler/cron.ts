/** Cron expressions of EventBridge: `minutes hours day-of-month month day-of-week year`, in UTC ("Schedule types on EventBridge Scheduler"). */

/** Says whether a number satisfies a field. */
type Field = (value: number) => boolean;

export interface Cron {
  /** The first minute after `after` (epoch milliseconds) that matches; undefined when there is none within eight years. */
  next(after: number): number | undefined;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A 29 February may be eight years away. */
const MOST_DAYS = 8 * 366;

/** Throws for what is no such expression, and for `L`, `W` and `#`, which the emulator doesn't know. */
export function parseCron(fields: string): Cron {
  const [minutes, hours, daysOfMonth, months, daysOfWeek, years, ...more] = fields.trim().split(/\s+/);
  if (years === undefined || more.length > 0)
    throw new Error(`cron(${fields}) needs six fields: minutes hours day-of-month month day-of-week year`);
  const minute = parseField(minutes ?? '', { from: 0, to: 59 });
  const hour = parseField(hours ?? '', { from: 0, to: 23 });
  const dayOfMonth = parseField(daysOfMonth ?? '', { from: 1, to: 31 });
  const month = parseField(months ?? '', { from: 1, to: 12, names: MONTHS });
  const dayOfWeek = parseField(daysOfWeek ?? '', { from: 1, to: 7, names: DAYS });
  const year = parseField(years, { from: 1970, to: 2199 });
  const isDay = (date: Date) =>
    year(date.getUTCFullYear()) &&
    month(date.getUTCMonth() + 1) &&
    dayOfMonth(date.getUTCDate()) &&
    dayOfWeek(date.getUTCDay() + 1);
  return { next: (after) => search(after, isDay, { hour, minute }) };
}

function search(
  after: number,
  isDay: (date: Date) => boolean,
  { hour, minute }: { hour: Field; minute: Field },
): number | undefined {
  const first = Math.floor(after / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const startOfDay = Math.floor(first / DAY_MS) * DAY_MS;
  for (let day = 0; day < MOST_DAYS; day++) {
    const midnight = startOfDay + day * DAY_MS;
    if (!isDay(new Date(midnight))) continue;
    for (let at = Math.max(first, midnight); at < midnight + DAY_MS; at += MINUTE_MS) {
      const date = new Date(at);
      if (hour(date.getUTCHours()) && minute(date.getUTCMinutes())) return at;
    }
  }
  return undefined;
}

interface Range {
  readonly from: number;
  readonly to: number;
  /** Of the numbers from `from` on. */
  readonly names?: readonly string[];
}

function parseField(text: string, range: Range): Field {
  if (text === '*' || text === '?') return () => true;
  const parts = text.split(',').map((part) => parsePart(part, range));
  return (value) => parts.some((matches) => matches(value));
}

/** `5`, `MON`, `1-5`, `*` with a step, `0/15`, `10-30/5`. */
function parsePart(part: string, range: Range): Field {
  const [, first = '', last, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
  const from = first === '*' ? range.from : numberOf(first, range);
  const openEnd = first === '*' || step !== undefined ? range.to : from;
  const to = last === undefined ? openEnd : numberOf(last, range);
  const every = Number(step ?? 1);
  if (from === undefined || to === undefined || every < 1)
    throw new Error(`the emulator doesn't know the cron field "${part}"`);
  return (value) => value >= from && value <= to && (value - from) % every === 0;
}

function numberOf(text: string, { from, to, names = [] }: Range): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  const value = named >= 0 ? named + from : Number(text);
  return /^\d+$/.test(text) || named >= 0 ? (value >= from && value <= to ? value : undefined) : undefined;
}
