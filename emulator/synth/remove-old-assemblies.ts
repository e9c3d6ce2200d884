import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Far more than run at the same time. */
const KEPT = 20;

/** Removes all but the newest assemblies, and all but the newest lists of found inputs. */
export async function removeOldAssemblies(directory: string): Promise<void> {
  await removeOld(directory, /^[0-9a-f]{20}$/);
  await removeOld(directory, /^[0-9a-f]{20}\.inputs\.json$/);
}

async function removeOld(directory: string, pattern: RegExp): Promise<void> {
  const names = (await readdir(directory)).filter((name) => pattern.test(name));
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
  );
  const old = aged.toSorted((a, b) => b.at - a.at).slice(KEPT);
  await Promise.all(old.map(({ name }) => rm(join(directory, name), { recursive: true, force: true })));
}
