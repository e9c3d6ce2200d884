import { expect } from 'vitest';

import type { Counts } from '../../emulator/types.ts';
import type { Causeway } from './causeway.ts';

/** The columns of the budgets (test/budgets*.json) that a count must not exceed. */
export const COUNTED = [
  'lambdaInvocations',
  'serialAwsCalls',
  'managementPosts',
  'readUnits',
  'writeUnits',
] as const;
export type Spent = Record<(typeof COUNTED)[number], number>;

const TRIES = 3;

/** The longest time for which presence puts something off. */
const PUT_OFF_MS = 31_000;

/**
 * What a step and all it sets off take: sums, and the serial calls of the event that has most of them. What was put off
 * before is done first: on a busy machine it would fall into the step.
 */
export async function spentBy(causeway: Causeway, step: () => Promise<unknown>): Promise<Spent> {
  await causeway.quiet();
  await causeway.advance(PUT_OFF_MS);
  await causeway.quiet();
  causeway.resetMeter();
  await step();
  await causeway.quiet();
  return sum(Object.values(causeway.meter().events));
}

/** What these events took, as `spentBy` tells it. */
export function sum(events: readonly Counts[]): Spent {
  const total: Spent = {
    lambdaInvocations: 0,
    serialAwsCalls: 0,
    managementPosts: 0,
    readUnits: 0,
    writeUnits: 0,
  };
  for (const event of events) {
    for (const column of COUNTED) if (column !== 'serialAwsCalls') total[column] += event[column];
    total.serialAwsCalls = Math.max(total.serialAwsCalls, event.serialAwsCalls);
    // The connection may not be up yet when OPEN is posted first: a repeated post is no second one.
    total.managementPosts -= event.errors['execute-api:POST GoneException'] ?? 0;
  }
  return total;
}

/** A run above 100 ms sends what it has instead of waiting for the route response: a busy machine gets more tries. */
export async function expectWithin(
  causeway: Causeway,
  limits: Spent,
  measure: () => Promise<Spent>,
): Promise<void> {
  for (let tries = TRIES; ; tries -= 1) {
    const counts = await measure();
    const over = COUNTED.filter((column) => counts[column] > limits[column]);
    if (over.length > 0 && tries > 1) continue;
    expect(over, `${JSON.stringify(counts)} of ${JSON.stringify(limits)}; ${callsOf(causeway)}`).toEqual([]);
    return;
  }
}

function callsOf(causeway: Causeway): string {
  const events = Object.entries(causeway.meter().events);
  return JSON.stringify(
    events.map(([label, { serialAwsCalls, calls, errors }]) => [label, serialAwsCalls, calls, errors]),
  );
}
