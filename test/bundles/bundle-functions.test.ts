import { mkdirSync, mkdtempSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { bundleFunctions } from '../../lib/bundle/bundle-functions.ts';
import { defaultProvider } from '../../lib/bundle/lambda-credentials.ts';
import { packageBytes, packageOf } from '../../lib/bundle/package-bytes.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'causeway-bundling-'));
  writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(cwd, 'shared.ts'), 'export const shared: string = "shared";\n');
  writeFileSync(
    join(cwd, 'one.ts'),
    `import { shared } from './shared.ts';\nexport const handler = () => shared + 1;\n`,
  );
  writeFileSync(
    join(cwd, 'two.ts'),
    `import { shared } from './shared.ts';\nexport const handler = () => shared + 2;\n`,
  );
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('each function becomes a directory with one self-contained module', async () => {
  const bundles = await bundle();
  expect(bundles.map(({ name }) => name)).toEqual(['one', 'two']);
  const module = (await import(pathToFileURL(join(cwd, 'out/two/index.mjs')).href)) as { handler(): string };
  expect(module.handler()).toBe('shared2');
  expect(bundles[0]!.inputs.map(({ path }) => path).toSorted()).toEqual(['one.ts', 'shared.ts']);
  expect(bundles[0]!.bytes).toBe(readFileSync(join(cwd, 'out/one/index.mjs')).length);
});

test('what did not change is not written again, so that a watcher sees only what did', async () => {
  await bundle();
  const past = new Date(0);
  for (const name of ['one', 'two']) utimesSync(join(cwd, 'out', name, 'index.mjs'), past, past);
  writeFileSync(join(cwd, 'two.ts'), 'export const handler = () => "changed";\n');
  await bundle();
  expect(statSync(join(cwd, 'out/one/index.mjs')).mtime).toEqual(past);
  expect(statSync(join(cwd, 'out/two/index.mjs')).mtime).not.toEqual(past);
});

test('the same source gives the same bytes', async () => {
  await bundle();
  const first = readFileSync(join(cwd, 'out/one/index.mjs'));
  await bundle('again');
  expect(readFileSync(join(cwd, 'again/one/index.mjs'))).toEqual(first);
});

test('a mistake in the source is told with file and line', async () => {
  writeFileSync(join(cwd, 'one.ts'), `export const handler = ;\n`);
  await expect(bundle()).rejects.toThrow('one.ts:1:23');
});

test('the SDK takes its credentials from the environment Lambda sets', async () => {
  const provider = join(cwd, 'node_modules/@aws-sdk/credential-provider-node');
  mkdirSync(provider, { recursive: true });
  writeFileSync(join(provider, 'index.js'), 'throw new Error("the original must not be bundled")');
  writeFileSync(
    join(cwd, 'one.ts'),
    `import { defaultProvider } from '@aws-sdk/credential-provider-node';\nexport const handler = defaultProvider();\n`,
  );
  await bundle();
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'session');
  const module = (await import(pathToFileURL(join(cwd, 'out/one/index.mjs')).href)) as { handler(): unknown };
  await expect(module.handler()).resolves.toEqual({
    accessKeyId: 'key',
    secretAccessKey: 'secret',
    sessionToken: 'session',
  });
});

test('missing credentials are an error, not an unsigned request', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  await expect(defaultProvider()()).rejects.toThrow('AWS_ACCESS_KEY_ID');
});

test('bytes are summed by package, whoever brought it along', () => {
  const inputs = [
    { path: 'lambdas/handlers/rest.ts', bytes: 5 },
    { path: 'lambdas/app/login.ts', bytes: 5 },
    { path: 'node_modules/@smithy/core/dist-es/index.js', bytes: 40 },
    { path: '../node_modules/a/node_modules/hono/index.js', bytes: 20 },
  ];
  expect(packageBytes({ name: 'x', directory: 'x', bytes: 70, inputs, sources: [] })).toEqual([
    { path: '@smithy/core', bytes: 40 },
    { path: 'hono', bytes: 20 },
    { path: 'causeway', bytes: 10 },
  ]);
  expect(packageOf('lib/x.ts')).toBe('causeway');
});

function bundle(outDir = 'out') {
  return bundleFunctions({ entries: { one: './one.ts', two: './two.ts' }, outDir: join(cwd, outDir), cwd });
}
