import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { SCENARIOS } from '../differential/scenarios/all.ts';
import { DEVIATIONS as IN_SERVER_CODE } from '../differential/deviations.ts';
import { COMPATIBILITY, compatibilityDocument } from './compatibility.ts';
import { DEVIATIONS } from './deviations.ts';

test('docs/compatibility.md is what the data says (node --import tsx test/conformance/write-compatibility.ts)', async () => {
  const written = await readFile(new URL('../../docs/compatibility.md', import.meta.url), 'utf8');
  expect(written).toBe(compatibilityDocument());
});

test('every deviation the suites know is shown to users', () => {
  const shown = COMPATIBILITY.flatMap(({ features }) => features.map(({ here }) => here));
  for (const { what } of [...Object.values(DEVIATIONS), ...Object.values(IN_SERVER_CODE)])
    expect(shown).toContain(what);
});

test('what is different says why', () => {
  for (const { features } of COMPATIBILITY) {
    for (const { feature, here, why } of features) expect(why !== '', feature).toBe(here !== 'the same');
  }
});

test('every deviation of server code is played', () => {
  const played = new Set(SCENARIOS.map(({ name }) => name));
  for (const { scenarios } of Object.values(IN_SERVER_CODE)) {
    for (const name of scenarios) expect(played).toContain(name);
  }
});
