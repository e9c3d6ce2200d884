import { randomUUID } from 'node:crypto';
import type { Stack } from '../types.ts';

export interface Tick {
  /** ARN of the schedule or rule. */
  readonly arn: string;
  /** Epoch milliseconds at which it was due. */
  readonly at: number;
}

type Place = Pick<Stack, 'region' | 'accountId'>;

/** The target's `Input` with its context attributes filled in, or Scheduler's own event. */
export function eventOfSchedule(place: Place, tick: Tick, input: string | undefined): unknown {
  // Unlike a rule's, the detail is a string.
  if (input === undefined) return ownEvent(place, tick, { source: 'aws.scheduler', detail: '{}' });
  const attributes: Readonly<Record<string, string>> = {
    'schedule-arn': tick.arn,
    'scheduled-time': time(tick.at),
    'execution-id': randomUUID(),
    'attempt-number': '1',
  };
  const filled = input.replaceAll(
    /<aws\.scheduler\.([a-z-]+)>/g,
    (whole, name: string) => attributes[name] ?? whole,
  );
  return parsed(filled);
}

export function eventOfRule(place: Place, tick: Tick, input: string | undefined): unknown {
  return input === undefined ? ownEvent(place, tick, { source: 'aws.events', detail: {} }) : parsed(input);
}

function ownEvent(
  { region, accountId }: Place,
  tick: Tick,
  { source, detail }: { source: string; detail: unknown },
): unknown {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source,
    account: accountId,
    time: time(tick.at),
    region,
    resources: [tick.arn],
    detail,
  };
}

/** "Input … as text or JSON." */
function parsed(input: string): unknown {
  try {
    return JSON.parse(input) as unknown;
  } catch {
    return input;
  }
}

/** Whole seconds, as AWS writes them: `2024-01-31T12:00:00Z`. */
function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
