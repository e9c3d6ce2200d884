import { expect, test } from 'vitest';
import { startCauseway } from '../support/causeway.ts';
import { EVERYTHING, LONG_LIVED, useEverything } from '../support/scenario.ts';

test('using everything once uses every permission of every role, and is refused none', async () => {
  const causeway = await startCauseway({ configFile: EVERYTHING, ...LONG_LIVED });
  try {
    await useEverything(causeway);
    const report = causeway.permissions();
    expect(report.unused).toEqual([]);
    expect(report.denied).toEqual([]);
    expect(report.used.length).toBeGreaterThan(10);
  } finally {
    await causeway.close();
  }
}, 240_000);
