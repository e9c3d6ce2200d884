import { createHash } from 'node:crypto';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { FUNCTIONS } from '../../lambdas/manifest/routes.ts';
import { applicationPlugin } from './application-plugin.ts';
import { bundleFunctions, type Bundle } from './bundle-functions.ts';
import { leanServer } from './lean-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where `npm run bundle` and every synth put the bundles. */
const BUNDLES = join(ROOT, '.causeway', 'bundles');
/** The same with an application, a folder each. */
const APPS = join(ROOT, '.causeway', 'apps');
/** Far more than are being synthesised at the same time. */
const KEPT_APPS = 10;

export interface BundleHandlersOptions {
  /** Default: a folder in `.causeway` for each application. */
  readonly outDir?: string;
  /** Absolute path of the module with Socket.IO server code. Default none. */
  readonly app?: string | undefined;
}

/** Bundles the handlers the manifest names. Takes about two seconds. */
export async function bundleHandlers({ app, outDir }: BundleHandlersOptions = {}): Promise<
  readonly Bundle[]
> {
  const entries = Object.entries(FUNCTIONS).map(([name, file]) => [
    name,
    join(ROOT, 'lambdas', 'handlers', file),
  ]);
  const bundles = await bundleFunctions({
    entries: Object.fromEntries(entries) as Record<string, string>,
    outDir: outDir ?? folderOf(app),
    cwd: ROOT,
    plugins: [applicationPlugin({ root: ROOT, app }), leanServer()],
  });
  if (app !== undefined && outDir === undefined) await forgetOthers(folderOf(app));
  return bundles;
}

/** Synths of different applications may run at the same time, and must not write over one another's bundles. */
function folderOf(app: string | undefined): string {
  if (app === undefined) return BUNDLES;
  return join(APPS, createHash('sha256').update(app).digest('hex').slice(0, 12));
}

/** Keeps the bundles of the applications that were bundled last: tests have many, in folders of a moment. */
async function forgetOthers(newest: string): Promise<void> {
  const now = new Date();
  await utimes(newest, now, now);
  const folders = (await readdir(APPS)).map((name) => join(APPS, name));
  const aged = await Promise.all(folders.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
  const old = aged.toSorted((a, b) => b.at - a.at).slice(KEPT_APPS);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}
