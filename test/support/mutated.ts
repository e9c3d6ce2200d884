import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { assembly, startCauseway, type Causeway } from './causeway.ts';
import { mutationsOf } from './mutations.ts';
import { EVERYTHING, LONG_LIVED, useEverything, type Scenario } from './scenario.ts';
import { mutate, readTemplate } from './template.ts';

const original = await assembly(EVERYTHING);
export const MUTATIONS = mutationsOf(await readTemplate(original));

/** What is told late takes its time. */
const LONG_MS = 180_000;

/**
 * The emulator is a judge: what the template does not grant, it does not give. Each test takes one thing out of the
 * synthesised template, runs what uses it, and expects a failure that names what is missing.
 */
export function testMutations(scenario: Scenario): void {
  const mutations = MUTATIONS.filter((mutation) => mutation.scenario === scenario);
  test.each(mutations)(
    '$kind $title',
    async ({ names, change }) => {
      const mutated = await mutate(original, change);
      try {
        const failure = await failureOf(mutated, scenario);
        for (const name of names) expect(failure).toContain(name);
      } finally {
        await rm(mutated, { recursive: true, force: true });
      }
    },
    LONG_MS,
  );
}

async function failureOf(mutated: string, scenario: Scenario): Promise<string> {
  let causeway: Causeway | undefined;
  try {
    // What AWS would refuse to deploy does not start.
    causeway = await startCauseway({ assembly: mutated, ...LONG_LIVED });
    await useEverything(causeway, [scenario]);
    return 'nothing failed';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await causeway?.close();
  }
}
