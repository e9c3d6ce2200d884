import { bundleHandlers } from './bundle-handlers.ts';
import { findings } from './check-bundle.ts';
import { importMs } from './import-time.ts';
import { packageBytes } from './package-bytes.ts';

/*
 * `npm run bundle [-- --packages]`: bundles every function without an application; prints its size and how long it takes
 * to import, and with `--packages` which package weighs what. Fails when one is above its ceiling (ceilings.json) or
 * holds what it must not.
 */

const started = performance.now();
const bundles = await bundleHandlers();
const tookMs = performance.now() - started;

for (const bundle of bundles) {
  const time = `${Math.round(await importMs(bundle))} ms`;
  print(`${bundle.name.padEnd(20)}${grouped(bundle.bytes)} B   imports in ${time}`);
  if (!process.argv.includes('--packages')) continue;
  for (const { path, bytes } of packageBytes(bundle)) print(`${' '.repeat(20)}${grouped(bytes)} B   ${path}`);
}
for (const finding of bundles.flatMap(findings)) {
  print(`✗ ${finding}`);
  process.exitCode = 1;
}
print(`bundled in ${Math.round(tookMs)} ms`);

function grouped(bytes: number): string {
  return bytes.toLocaleString('en').padStart(9);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
