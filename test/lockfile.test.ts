import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const packages = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages as Record<
  string,
  LockedPackage
>;

/** classic-level and esbuild ship their binaries; their scripts only check them, and need not run (bin/ensure-installed.mjs). */
const WITH_SCRIPTS = ['node_modules/classic-level', 'node_modules/esbuild'];

test('every package is locked with its hash, and none but the known has an install script', () => {
  const installed = Object.entries(packages).filter(
    ([path, { inBundle }]) => path !== '' && inBundle !== true,
  );
  expect(installed.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
  const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(scripted.map(([path]) => path)).toEqual(WITH_SCRIPTS);
});

/**
 * `npm install` leaves an optional package out of the lockfile when the registry doesn't have it (yet), and `npm ci` then
 * refuses the whole lockfile: on every machine, not only on the platform whose binary is missing.
 */
test('the lockfile holds the binaries of every platform', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !candidates(path, name).some((candidate) => candidate in packages))
      .map((name) => `${path}: ${name}`),
  );
  expect(missing).toEqual([]);
});

/** Where Node would look for `name` from the package at `path`, nearest first. */
function candidates(path: string, name: string): string[] {
  const here = `${path === '' ? '' : `${path}/`}node_modules/${name}`;
  if (path === '') return [here];
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1));
  return [here, ...candidates(parent, name)];
}
