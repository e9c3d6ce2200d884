import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { dialectsDocument } from './dialects-document.ts';

await writeFile(fileURLToPath(new URL('../../../docs/dialects.md', import.meta.url)), dialectsDocument());
