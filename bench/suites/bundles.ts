import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleHandlers } from '../../lib/bundle/bundle-handlers.ts';
import { importMs } from '../../lib/bundle/import-time.ts';
import type { Suite } from '../suite.ts';

export const bundlesSuite: Suite = { name: 'bundles', run };

async function run(): Promise<string> {
  const rows: string[] = [];
  // One after another: imports that share the cores would time each other.
  for (const bundle of await bundleHandlers()) {
    const gzip = gzipSync(await readFile(join(bundle.directory, 'index.mjs'))).length;
    const ms = (await importMs(bundle)).toFixed(1);
    rows.push(
      `| ${bundle.name} | ${bundle.bytes.toLocaleString('en')} | ${gzip.toLocaleString('en')} | ${ms} |`,
    );
  }
  return `## Lambda bundles

| function | bytes | gzip | import, ms (best of three processes) |
|---|---|---|---|
${rows.join('\n')}
`;
}
