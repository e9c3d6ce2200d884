/** docs/limits.md names every limit there is, with its default. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { LIMITS } from '../../lambdas/manifest/limits.ts';

const document = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8');

test('docs/limits.md has every limit, with its default', () => {
  const rows = [...document.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name, text]) => [
    name,
    (text ?? '').match(/[\d.]+/g)?.map(Number),
  ]);
  const defaults = Object.entries(LIMITS).map(([name, limit]) => [
    name,
    typeof limit === 'number' ? [limit] : [limit.perSecond, limit.burst],
  ]);
  expect(
    rows.map(([name, numbers]) => [name, (numbers as number[]).slice(0, name === 'idleSeconds' ? 1 : 2)]),
  ).toEqual(defaults);
});
