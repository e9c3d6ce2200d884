import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { FUNCTIONS } from '../../lambdas/manifest/routes.ts';
import type { Bundle } from '../../lib/bundle/bundle-functions.ts';
import { bundleHandlers } from '../../lib/bundle/bundle-handlers.ts';
import { importMs } from '../../lib/bundle/import-time.ts';
import { packageOf } from '../../lib/bundle/package-bytes.ts';
import ceilings from './ceilings.json' with { type: 'json' };

/*
 * What goes to AWS: how heavy each function is and what it must never carry. `npm run bundle -- --packages` shows who
 * weighs what.
 */

const DESIGN_CEILING = 450 * 1024;
const NAMES = Object.keys(FUNCTIONS);
const folder = mkdtempSync(join(tmpdir(), 'causeway-bundles-'));
const bundles = new Map<string, Bundle>();

beforeAll(async () => {
  for (const bundle of await bundleHandlers(folder)) bundles.set(bundle.name, bundle);
});

test('every function of the manifest has a ceiling, and no ceiling exceeds the budget', () => {
  expect(Object.keys(ceilings.bytes).toSorted()).toEqual(NAMES.toSorted());
  for (const bytes of Object.values(ceilings.bytes)) expect(bytes).toBeLessThanOrEqual(DESIGN_CEILING);
});

describe.each(NAMES)('%s', (name) => {
  const bundle = (): Bundle => bundles.get(name)!;
  const code = (): string => readFileSync(join(bundle().directory, 'index.mjs'), 'utf8');

  test('stays below its ceiling', () => {
    expect(bundle().bytes).toBeLessThanOrEqual(ceilings.bytes[name as keyof typeof ceilings.bytes]);
  });

  test.each<[string, RegExp]>([
    ['the CDK', /node_modules\/(aws-cdk-lib|constructs|aws-cdk|cdk-nag)\//],
    ['Socket.IO', /node_modules\/(socket\.io|engine\.io|ws)[^/]*\//],
    ['a CommonJS build of an SDK package', /node_modules\/@(aws-sdk|smithy)\/.*\/dist-cjs\//],
    [
      'credential sources Lambda has no use for',
      /node_modules\/@aws-sdk\/(credential-provider|token-providers|nested-clients)/,
    ],
    [
      'infrastructure, the emulator or tests',
      /^(lib\/(?!bundle\/lambda-credentials\.ts)|bin|emulator|test|bench)/,
    ],
  ])('holds nothing of %s', (_what, pattern) => {
    expect(
      bundle()
        .inputs.filter(({ path }) => pattern.test(path))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  test('holds one copy of each package', () => {
    const roots = new Map<string, Set<string>>();
    for (const { path } of bundle().inputs) {
      const root = path.slice(0, path.lastIndexOf('node_modules/') + 1);
      if (root === '') continue;
      const name = packageOf(path);
      roots.set(name, (roots.get(name) ?? new Set()).add(root));
    }
    const twice = [...roots].filter(([, places]) => places.size > 1).map(([name]) => name);
    expect(twice).toEqual([]);
  });

  test('is one module that loads by itself and exports a handler', async () => {
    expect(readdirSync(bundle().directory)).toEqual(['index.mjs']);
    expect(code()).toMatch(/export\{[^}]*\bas handler\b[^}]*\}/);
    expect(await importMs(bundle())).toBeGreaterThan(0);
  });

  test('has no source map in the asset; it lies beside', () => {
    expect(code()).not.toContain('sourceMappingURL');
    expect(readdirSync(folder)).toEqual(expect.arrayContaining([`${name}.map`, `${name}.meta.json`]));
  });

  // esbuild leaves this text where a CommonJS module requires something at run time, which ES modules cannot.
  test('requires nothing at run time that an ES module cannot have', () => {
    expect(code()).not.toMatch(/\brequire\("(?!node:)/);
  });
});
