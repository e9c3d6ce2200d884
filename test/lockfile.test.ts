import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * `npm install` leaves an optional package out of the lockfile when the registry doesn't have it (yet), and `npm ci` then
 * refuses the whole lockfile: on every machine, not only on the platform whose binary is missing.
 */
test('the lockfile holds the binaries of every platform', () => {
  const packages = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages as Record<
    string,
    LockedPackage
  >;
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
