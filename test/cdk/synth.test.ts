import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from 'vitest';

import { FUNCTIONS, SOCKETIO_SERVERS } from '../../lambdas/manifest/routes.ts';

/*
 * The command of cdk.json as the CDK CLI and the emulator start it, on the real handlers.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Run {
  readonly code: number;
  readonly stderr: string;
  readonly outDir: string;
}

describe('a good configuration', () => {
  let run: Run;

  beforeAll(async () => {
    run = await synth(`export default { name: 'elsewhere', page: false };`);
  });

  test('gives a cloud assembly with one asset per function, and says nothing', () => {
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const files = readdirSync(run.outDir);
    expect(files).toContain('elsewhere.template.json');
    const assets = files.filter((file) => file.startsWith('asset.'));
    expect(assets).toHaveLength(Object.keys(FUNCTIONS).length);
    for (const asset of assets) expect(readdirSync(join(run.outDir, asset))).toEqual(['index.mjs']);
  });

  test('names the same template whatever context the caller adds', async () => {
    const again = await synth(`export default { name: 'elsewhere', page: false };`, {
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:version-reporting': true }),
    });
    expect(template(again)).toEqual(template(run));
  });
});

test(
  'rules are applied for the CDK CLI only: they take longer than the synth',
  { timeout: 180_000 },
  async () => {
    const cli = await synth('export default {};', { CDK_CLI_VERSION: '2.0.0' });
    expect(cli).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(cli.outDir)).toContain('validation-report.json');
    const other = await synth('export default {};');
    expect(readdirSync(other.outDir)).not.toContain('validation-report.json');
  },
);

test('an application elsewhere is bundled into the functions that run it, and listed among the inputs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-app-'));
  const app = join(folder, 'server.ts');
  writeFileSync(app, `import { mark } from './mark.ts';\nexport default (io: object) => mark(io);\n`);
  writeFileSync(join(folder, 'mark.ts'), `export const mark = (io: object) => [io, 'mark of the app'];\n`);
  const run = await synth(`export default { app: ${JSON.stringify(app)} };`);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const marked = readdirSync(run.outDir)
    .filter((file) => file.startsWith('asset.'))
    .filter((asset) =>
      readFileSync(join(run.outDir, asset, 'index.mjs'), 'utf8').includes('mark of the app'),
    );
  expect(marked).toHaveLength(SOCKETIO_SERVERS.length);
  const inputs = JSON.parse(readFileSync(join(run.outDir, 'inputs.json'), 'utf8')) as string[];
  expect(inputs).toEqual(
    expect.arrayContaining([app, join(folder, 'mark.ts'), join(ROOT, 'lambdas/handlers/polling.ts')]),
  );
  expect(inputs.filter((path) => path.includes('node_modules'))).toEqual([]);
});

test('a bad configuration ends with its message, not with a stack', async () => {
  const run = await synth(`export default { auth: { tokenTtlSeconds: 'long' } };`);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(
    /^\S+\.ts: auth\.tokenTtlSeconds: expected a whole number from 60 to 2592000, got "long"\n$/,
  );
  expect(readdirSync(run.outDir)).not.toContain('manifest.json');
});

function template(run: Run): unknown {
  return JSON.parse(readFileSync(join(run.outDir, 'elsewhere.template.json'), 'utf8'));
}

async function synth(source: string, environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-synth-'));
  const outDir = mkdtempSync(join(tmpdir(), 'causeway-assembly-'));
  const config = join(folder, 'causeway.config.ts');
  writeFileSync(config, source);
  const { app } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { app: string };
  const [command = '', ...args] = app.split(' ');
  const env = { PATH: process.env['PATH'], CDK_OUTDIR: outDir, CAUSEWAY_CONFIG_FILE: config, ...environment };
  return new Promise((resolve) => {
    execFile(command, args, { cwd: ROOT, env }, (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stderr, outDir });
    });
  });
}
