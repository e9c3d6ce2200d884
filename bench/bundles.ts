import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { quantile } from './room.ts';

export interface BundleFigures {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Median of five fresh processes: time to import the bundle, Node's own start not included. */
  readonly importMs: number;
}

/** Sizes and import times of the Lambda bundles below `directory` (one folder per function). */
export async function measureBundles(directory: string): Promise<BundleFigures[]> {
  const names = (await readdir(directory)).filter((name) => existsSync(join(directory, name, 'index.mjs')));
  return Promise.all(
    names.map(async (name) => {
      const file = join(directory, name, 'index.mjs');
      const code = await readFile(file);
      return { name, bytes: code.length, gzipBytes: gzipSync(code).length, importMs: importMs(file) };
    }),
  );
}

/** Handlers refuse to load without their variables; that is after all imports, so a refusal still times the import. */
function importMs(file: string): number {
  const script = `const t = performance.now(); import(${JSON.stringify(file)}).catch(() => {}).then(() => console.log(performance.now() - t));`;
  const runs = Array.from({ length: 5 }, () =>
    Number(
      spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: {} })
        .stdout.trim()
        .split('\n')
        .at(-1),
    ),
  );
  return quantile(runs, 0.5);
}
