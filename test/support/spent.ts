import type { Counts } from '../../emulator/types.ts';
import type { Causeway } from './causeway.ts';

/** The columns of design/budgets.md. */
export const COUNTED = [
  'lambdaInvocations',
  'serialAwsCalls',
  'managementPosts',
  'readUnits',
  'writeUnits',
] as const;
export type Spent = Record<(typeof COUNTED)[number], number>;

/** What a step and all it sets off take: sums, and the serial calls of the event that has most of them. */
export async function spentBy(causeway: Causeway, step: () => Promise<unknown>): Promise<Spent> {
  await causeway.quiet();
  causeway.resetMeter();
  await step();
  await causeway.quiet();
  return sum(Object.values(causeway.meter().events));
}

function sum(events: readonly Counts[]): Spent {
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
