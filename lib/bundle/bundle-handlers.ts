import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { FUNCTIONS } from '../../lambdas/manifest/routes.ts';
import { bundleFunctions, type Bundle } from './bundle-functions.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where `npm run bundle` and every synth put the bundles. */
export const BUNDLES = join(ROOT, '.causeway', 'bundles');

/** Bundles the handlers the manifest names. Takes about a second. */
export function bundleHandlers(outDir: string = BUNDLES): Promise<readonly Bundle[]> {
  const entries = Object.entries(FUNCTIONS).map(([name, file]) => [
    name,
    join(ROOT, 'lambdas', 'handlers', file),
  ]);
  return bundleFunctions({
    entries: Object.fromEntries(entries) as Record<string, string>,
    outDir,
    cwd: ROOT,
  });
}
