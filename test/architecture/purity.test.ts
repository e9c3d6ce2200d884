import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';
import { expect, test } from 'vitest';

import { FUNCTIONS } from '../../lambdas/manifest/routes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test.each([
  'process.env',
  'Buffer.from("")',
  'setTimeout(() => {}, 1)',
  'console.log(1)',
  'fetch("http://example.com")',
  'crypto.randomUUID()',
])('%s does not compile in a pure layer', (expression) => {
  expect(errorsOf(`export const value = ${expression};\n`)).not.toEqual([]);
});

test('plain code does', () => {
  expect(errorsOf('export const value: string = JSON.stringify({ at: 1 });\n')).toEqual([]);
});

test('the pure layers are compiled as such', () => {
  const { include } = pureConfig().raw as { include: string[] };
  expect(include.filter((path) => path.startsWith('lambdas/')).toSorted()).toEqual(
    ['app', 'domain', 'manifest', 'ports', 'wire'].map((layer) => `lambdas/${layer}`),
  );
  const steps = [
    'cors',
    'fresh',
    'handshake',
    'poll-step',
    'refusals',
    'ring',
    'sweep-step',
    'verify',
    'vitals',
  ];
  expect(include.filter((path) => !path.startsWith('lambdas/')).toSorted()).toEqual([
    'compat/dialects',
    ...steps.map((step) => `compat/engine/${step}.ts`),
  ]);
});

test('only composition roots read the environment', () => {
  const readers = sourcesOf('lambdas').filter((file) =>
    /\bprocess\.env\b/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  for (const file of readers) expect(file).toMatch(/^lambdas\/handlers\//);
});

test('the clock and chance are asked for in adapters and composition roots only', () => {
  const askers = sourcesOf('lambdas').filter((file) =>
    /\b(Date\.now\(\)|new Date\(\)|Math\.random\(\)|randomUUID\()/.test(
      readFileSync(join(ROOT, file), 'utf8'),
    ),
  );
  for (const file of askers) expect(file).toMatch(/^lambdas\/(adapters|handlers)\//);
});

test('every function of the manifest has its handler, and every handler its function', () => {
  const handlers = readdirSync(join(ROOT, 'lambdas/handlers')).filter((file) =>
    /^export (async )?(function|const) handler\b/m.test(readIfFile(join(ROOT, 'lambdas/handlers', file))),
  );
  expect(handlers.toSorted()).toEqual(Object.values(FUNCTIONS).toSorted());
});

function errorsOf(source: string): readonly string[] {
  const { options } = pureConfig();
  const file = join(ROOT, 'lambdas/domain/planted.ts');
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, target) =>
    name === file ? ts.createSourceFile(name, source, target) : getSourceFile(name, target);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

function pureConfig(): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.pure.json'), (path) => ts.sys.readFile(path));
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
}

function sourcesOf(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`);
}

function readIfFile(path: string): string {
  return path.endsWith('.ts') ? readFileSync(path, 'utf8') : '';
}
