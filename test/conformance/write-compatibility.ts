import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compatibilityDocument } from './compatibility.ts';

await writeFile(
  fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url)),
  compatibilityDocument(),
);
