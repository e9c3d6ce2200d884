import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { dialectsDocument } from './dialects-document.ts';

test('docs/dialects.md says what the tables say (npm run docs:dialects writes it)', async () => {
  expect(await readFile(new URL('../../../docs/dialects.md', import.meta.url), 'utf8')).toBe(
    dialectsDocument(),
  );
});
