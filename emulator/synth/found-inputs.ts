import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';

/*
 * Inputs that only the app knows: files outside the project's own folders which it found while it ran, such as a module
 * that the configuration names. The app may list them in its assembly (member `emulator.foundInputs` of package.json);
 * the list is kept under the hash of the project's own inputs, and its files count for the assembly's name from then on.
 */

/** Absolute paths from the list an app left in its assembly, those in `watched` left out. */
export async function foundInputs(
  assembly: string,
  { file, watched }: { readonly file: string | undefined; readonly watched: readonly string[] },
): Promise<readonly string[]> {
  if (file === undefined) return [];
  const paths = await readList(join(assembly, file));
  return paths.filter((path) => !watched.some((own) => isWithin(path, own))).toSorted();
}

/** The list kept for `base`; empty when there is none. */
export function keptInputs(assemblies: string, base: string): Promise<readonly string[]> {
  return readList(listFor(assemblies, base));
}

export async function keepInputs(assemblies: string, base: string, paths: readonly string[]): Promise<void> {
  const temporary = `${listFor(assemblies, base)}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(temporary, JSON.stringify(paths));
  await rename(temporary, listFor(assemblies, base));
}

/** `base` itself without further inputs, so that most projects never notice them. */
export async function hashFound(base: string, paths: readonly string[]): Promise<string> {
  if (paths.length === 0) return base;
  const hash = createHash('sha256').update(base);
  for (const path of paths) {
    const content = await readFile(path).catch(() => 'missing');
    hash.update(` ${path.length} ${path} ${content.length} `).update(content);
  }
  return hash.digest('hex').slice(0, 20);
}

/** Whether one of the files was written after this moment. */
export async function changedSince(paths: readonly string[], at: number): Promise<boolean> {
  const times = await Promise.all(
    paths.map(async (path) => (await stat(path).catch(() => undefined))?.mtimeMs ?? 0),
  );
  return times.some((time) => time >= at);
}

function listFor(assemblies: string, base: string): string {
  return join(assemblies, `${base}.inputs.json`);
}

async function readList(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? [] : (JSON.parse(text) as string[]);
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
}
