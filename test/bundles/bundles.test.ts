import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { FUNCTIONS, SOCKETIO_SERVERS, type FunctionName } from '../../lambdas/manifest/routes.ts';
import type { Bundle } from '../../lib/bundle/bundle-functions.ts';
import { bundleHandlers } from '../../lib/bundle/bundle-handlers.ts';
import { CEILINGS, findings } from '../../lib/bundle/check-bundle.ts';
import { importMs } from '../../lib/bundle/import-time.ts';

/*
 * What goes to AWS: how heavy each function is and what it must never carry. `npm run bundle -- --packages` shows who
 * weighs what.
 */

/** The Socket.IO server may weigh something, everything else less. */
const DESIGN_CEILING = 450 * 1024;
const SERVER_CEILING = 900 * 1024;
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const folder = mkdtempSync(join(tmpdir(), 'causeway-bundles-'));
const bundles = new Map<string, Bundle>();

beforeAll(async () => {
  for (const bundle of await bundleHandlers({ outDir: folder })) bundles.set(bundle.name, bundle);
});

test('every function of the manifest has a ceiling, and no ceiling exceeds the budget', () => {
  expect(Object.keys(CEILINGS).toSorted()).toEqual(NAMES.toSorted());
  for (const name of NAMES)
    expect(CEILINGS[name], name).toBeLessThanOrEqual(
      SOCKETIO_SERVERS.includes(name) ? SERVER_CEILING : DESIGN_CEILING,
    );
});

describe.each(NAMES)('%s', (name) => {
  const bundle = (): Bundle => bundles.get(name)!;
  const code = (): string => readFileSync(join(bundle().directory, 'index.mjs'), 'utf8');

  test('stays below its ceiling, holds nothing it must not, and nothing twice', () => {
    expect(findings(bundle())).toEqual([]);
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

test.each<[string, Partial<Bundle>, string]>([
  ['too many bytes', { bytes: 10 ** 7 }, 'rest: 10000000 bytes, and its ceiling is'],
  ['the CDK', holding('node_modules/aws-cdk-lib/core/index.js'), 'rest: holds the CDK'],
  [
    'a server in a function that runs no application',
    holding('node_modules/socket.io/dist/index.js'),
    'rest: holds the Socket.IO server',
  ],
  ['the HTTP side of the server', holding('node_modules/ws/lib/sender.js'), 'rest: holds the HTTP side'],
  [
    'a second copy',
    holding(
      'node_modules/@smithy/core/index.js',
      'node_modules/@aws-sdk/client-lambda/node_modules/@smithy/core/index.js',
    ),
    'rest: holds @smithy/core 2 times',
  ],
])('%s is a finding', (_what, fault, finding) => {
  const good: Bundle = { name: 'rest', directory: '', bytes: 1, inputs: [], sources: [] };
  expect(findings(good)).toEqual([]);
  expect(findings({ ...good, ...fault })).toEqual([expect.stringContaining(finding)]);
});

function holding(...paths: string[]): Partial<Bundle> {
  return { inputs: paths.map((path) => ({ path, bytes: 1 })) };
}
