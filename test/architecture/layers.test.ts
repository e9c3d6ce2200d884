import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, test } from 'vitest';

/*
 * `npm run deps` checks this repository; here a small tree with one offence per rule shows that every rule bites.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = '.dependency-cruiser.cjs';

/** Rule → a file and what it imports. */
const OFFENCES: Readonly<Record<string, readonly [file: string, imports: string]>> = {
  'manifest-imports-nothing': ['lambdas/manifest/bad.ts', '../domain/ok.ts'],
  'domain-imports-manifest': ['lambdas/domain/bad.ts', '../ports/ok.ts'],
  'ports-import-domain': ['lambdas/ports/bad.ts', '../app/ok.ts'],
  'app-imports-ports': ['lambdas/app/bad.ts', '../adapters/ok.ts'],
  'wire-imports-app': ['lambdas/wire/bad.ts', '../adapters/ok.ts'],
  'http-imports-app': ['lambdas/http/bad.ts', '../wire/ok.ts'],
  'adapters-import-ports': ['lambdas/adapters/bad.ts', '../app/ok.ts'],
  'handlers-import-lambdas': ['lambdas/handlers/bad.ts', '../../compat/server.ts'],
  'compat-imports-app': ['compat/bad.ts', '../lambdas/wire/ok.ts'],
  'dialects-are-tables': ['compat/dialects/bad.ts', '../../lambdas/app/ok.ts'],
  'engine-knows-no-server': ['compat/engine/bad.ts', '../server/ok.ts'],
  'server-knows-no-engine': ['compat/adapter/bad.ts', '../engine/ok.ts'],
  'audience-knows-no-server': ['compat/audience/bad.ts', '../server/ok.ts'],
  'lib-imports-manifest': ['lib/bad.ts', '../lambdas/domain/ok.ts'],
  'bin-imports-lib': ['bin/bad.ts', '../lambdas/manifest/ok.ts'],
  'importer-imports-adapters': ['bin/import/bad.ts', '../../lambdas/app/ok.ts'],
  'emitter-imports-nothing': ['compat/emitter/bad.ts', '../../lambdas/manifest/ok.ts'],
  'emulator-imports-nothing': ['emulator/bad.ts', '../lambdas/manifest/ok.ts'],
  'pure-layers-use-no-packages': ['lambdas/app/package.ts', 'valibot'],
  'valibot-checks-shapes': ['lambdas/wire/package.ts', 'hono'],
  'http-uses-hono': ['lambdas/http/package.ts', 'jose'],
  'adapters-use-sdks': ['lambdas/adapters/package.ts', 'hono'],
  'handlers-use-no-packages': ['lambdas/handlers/package.ts', 'jose'],
  'compat-uses-socket-io': ['compat/server/package.ts', 'jose'],
  'dialects-use-valibot': ['compat/dialects/package.ts', 'socket.io'],
  'engine-uses-its-parser': ['compat/engine/package.ts', 'socket.io'],
  'emitter-uses-the-lambda-client': ['compat/emitter/package.ts', 'hono'],
  'lib-uses-the-cdk': ['lib/package.ts', 'hono'],
  'importer-uses-dynamodb': ['bin/import/package.ts', 'hono'],
  'no-cdk-in-lambdas': ['lambdas/handlers/cdk.ts', 'constructs'],
  'cdk-by-submodule': ['lib/barrel.ts', 'aws-cdk-lib'],
  'pure-layers-use-no-node': ['lambdas/domain/node.ts', 'node:crypto'],
  'no-test-in-source': ['emulator/fixture.ts', '../test/ok.ts'],
  'no-cycles': ['lib/cycle-a.ts', './cycle-b.ts'],
  'no-unresolved': ['lib/lost.ts', './nowhere.ts'],
  'no-dev-dependency-in-source': ['emulator/dev.ts', 'fast-check'],
  'no-undeclared-package': ['emulator/undeclared.ts', 'semver'],
};

/** Imports that must stay allowed: a rule that forbids everything would pass the table above. */
const ALLOWED: readonly (readonly [file: string, imports: string])[] = [
  ['lambdas/domain/good.ts', '../manifest/ok.ts'],
  ['lambdas/app/good.ts', '../ports/ok.ts'],
  ['lambdas/wire/good.ts', 'valibot'],
  ['lambdas/http/good.ts', '../wire/json/ok.ts'],
  ['lambdas/adapters/good.ts', '../ports/ok.ts'],
  ['lambdas/handlers/good.ts', '../adapters/ok.ts'],
  ['lambdas/handlers/bridge.ts', '../../compat/index.ts'],
  ['compat/good.ts', '../lambdas/app/ok.ts'],
  ['compat/chat/good.ts', '../../lambdas/wire/json/ok.ts'],
  ['compat/dialects/good.ts', '../../lambdas/wire/json/ok.ts'],
  ['compat/dialects/schemas.ts', 'valibot'],
  ['compat/engine/good.ts', '../types.ts'],
  ['compat/engine/parser.ts', 'engine.io-parser'],
  ['compat/server/good.ts', '../adapter/ok.ts'],
  ['compat/adapter/parser.ts', 'socket.io-parser'],
  ['lib/edge/helper.js', 'cloudfront'],
  ['lib/good.ts', '../lambdas/manifest/ok.ts'],
  ['lib/submodule.ts', 'aws-cdk-lib/core'],
  ['bin/good.ts', '../lib/ok.ts'],
  ['bin/import/good.ts', '../../lambdas/adapters/ok.ts'],
  ['emulator/good.ts', 'ws'],
  ['test/good.ts', '../lambdas/app/ok.ts'],
];

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
}

let violations: readonly Violation[];

beforeAll(async () => {
  const tree = mkdtempSync(join(tmpdir(), 'causeway-layers-'));
  for (const file of [CONFIG, 'package.json', 'tsconfig.json']) cpSync(join(ROOT, file), join(tree, file));
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  const layers = ['manifest', 'domain', 'ports', 'app', 'wire', 'http', 'adapters', 'handlers'];
  const folders = [
    ...layers.map((layer) => `lambdas/${layer}`),
    'compat',
    'lib',
    'bin',
    'compat/emitter',
    'emulator',
    'test',
  ];
  for (const folder of folders) write(join(tree, folder, 'ok.ts'), 'export const ok = 1;\n');
  for (const file of [
    'compat/server.ts',
    'compat/index.ts',
    'compat/types.ts',
    'compat/engine/ok.ts',
    'compat/server/ok.ts',
    'compat/adapter/ok.ts',
    'lambdas/wire/json/ok.ts',
  ]) {
    write(join(tree, file), 'export const ok = 1;\n');
  }
  write(join(tree, 'lib/cycle-b.ts'), `import './cycle-a.ts';\n`);
  for (const [file, imports] of [...Object.values(OFFENCES), ...ALLOWED]) {
    write(join(tree, file), `import '${imports}';\n`);
  }
  violations = await cruise(tree, folders);
}, 60_000);

test.each(Object.entries(OFFENCES))('%s', (rule, [file]) => {
  expect(violations.filter(({ from }) => from === file).map(({ rule }) => rule.name)).toContain(rule);
});

test('every rule of the configuration has an offence here, a name and a reason', () => {
  const { forbidden } = createRequire(import.meta.url)(join(ROOT, CONFIG)) as {
    forbidden: { name: string; comment: string; severity: string }[];
  };
  expect(forbidden.map(({ name }) => name).toSorted()).toEqual(Object.keys(OFFENCES).toSorted());
  for (const { name, comment, severity } of forbidden) {
    expect(comment.length, name).toBeGreaterThan(15);
    expect(severity, name).toBe('error');
  }
});

test.each(ALLOWED)('%s may import %s', (file) => {
  expect(violations.filter(({ from }) => from === file)).toEqual([]);
});

test('this repository breaks no rule', { timeout: 60_000 }, async () => {
  const folders = ['bin', 'lib', 'lambdas', 'compat', 'emulator', 'test'];
  const found = await cruise(ROOT, folders);
  expect(found.map(({ rule, from }) => `${rule.name}: ${from}`)).toEqual([]);
});

async function cruise(cwd: string, folders: readonly string[]): Promise<readonly Violation[]> {
  const depcruise = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [depcruise, '--config', CONFIG, '--output-type', 'json', ...folders];
  const stdout = await new Promise<string>((resolve, reject) => {
    // Violations make the exit code non-zero; the report is on standard output all the same.
    execFile(process.execPath, args, { cwd, maxBuffer: 256 * 1024 * 1024 }, (error, out) => {
      if (out === '') reject(error ?? new Error('dependency-cruiser reported nothing'));
      else resolve(out);
    });
  });
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
