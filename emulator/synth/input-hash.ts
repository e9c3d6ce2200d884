import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Beside the project's own inputs: what else decides what the app command makes. */
const ALWAYS = ['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json'];
const NEVER = new Set(['node_modules', '.git', 'cdk.out']);

export interface Inputs {
  readonly cwd: string;
  readonly paths: readonly string[];
  readonly configFile?: string;
  /** Variables the app reads, already filtered. */
  readonly env: Readonly<Record<string, string>>;
}

/** 20 hex digits over names and contents. Missing files count as missing. */
export async function hashInputs(inputs: Inputs): Promise<string> {
  const hash = createHash('sha256');
  const paths = (await Promise.all(watchedPaths(inputs).map((path) => filesUnder(path))))
    .flat()
    .toSorted(byText);
  const files = await Promise.all(paths.map(async (path) => ({ path, content: await readFile(path) })));
  // Lengths in front, so that no two different sets of files read the same.
  for (const { path, content } of files)
    hash.update(`${path.length} ${path} ${content.length} `).update(content);
  const env = Object.entries(inputs.env).toSorted(([a], [b]) => byText(a, b));
  hash.update(JSON.stringify([inputs.configFile ?? null, env, process.version.split('.')[0]]));
  return hash.digest('hex').slice(0, 20);
}

/** Absolute paths of the files and folders the assembly depends on. */
export function watchedPaths({ cwd, paths, configFile }: Omit<Inputs, 'env'>): readonly string[] {
  const all = [...ALWAYS, ...paths].map((path) => join(cwd, path));
  return configFile === undefined ? all : [...all, configFile];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

async function filesUnder(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return [path];
  if (!found?.isDirectory()) return [];
  const names = (await readdir(path)).filter((name) => !NEVER.has(name));
  return (await Promise.all(names.map((name) => filesUnder(join(path, name))))).flat();
}
