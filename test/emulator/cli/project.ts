import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GATEWAY } from '../apigateway/sandbox.ts';

const NODE_MODULES = fileURLToPath(new URL('../../../node_modules/', import.meta.url));

/** Copies the fixture and puts the project's own function code into it; writes a line per run; fails when told to. */
const APP = `
import { appendFileSync, cpSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
appendFileSync('runs.txt', (process.env.WHICH_CONFIG ?? 'none') + ' ' + process.env.CDK_CONTEXT_JSON + '\\n');
const code = readFileSync('src/index.mjs', 'utf8');
if (code.includes('SYNTAX')) { console.error('src/index.mjs is broken'); process.exit(3); }
const out = process.env.CDK_OUTDIR;
cpSync(${JSON.stringify(GATEWAY)}, out, { recursive: true });
writeFileSync(out + '/asset.main/index.mjs', code);
const key = createHash('sha256').update(code).digest('hex') + '.zip';
for (const file of ['gateway.template.json', 'gateway.assets.json']) writeFileSync(out + '/' + file, readFileSync(out + '/' + file, 'utf8').replaceAll('main.zip', key));
`;

export interface Project {
  readonly directory: string;
  /** What the app command saw, one line per run. */
  runs(): Promise<readonly string[]>;
  write(file: string, text: string): Promise<void>;
  append(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/** Code of a two-way function that answers with `text`. */
export function answering(text: string): string {
  return `export const handler = async () => ({ statusCode: 200, body: ${JSON.stringify(text)} });\n`;
}

/** A foreign CDK-like project in a temporary folder. */
export async function createProject(): Promise<Project> {
  const directory = await mkdtemp(join(tmpdir(), 'project-'));
  await mkdir(join(directory, 'src'));
  await symlink(NODE_MODULES, join(directory, 'node_modules'), 'dir');
  const settings = {
    inputs: ['src', 'app.mjs'],
    directory: '.cache',
    environment: ['READ_'],
    configVariable: 'WHICH_CONFIG',
  };
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'project', emulator: settings }));
  await writeFile(
    join(directory, 'cdk.json'),
    JSON.stringify({ app: 'node app.mjs', context: { colour: 'blue' } }),
  );
  await writeFile(join(directory, 'app.mjs'), APP);
  await writeFile(join(directory, 'src', 'index.mjs'), answering('first'));
  return {
    directory,
    runs: async () =>
      (await readFile(join(directory, 'runs.txt'), 'utf8').catch(() => '')).split('\n').filter(Boolean),
    write: (file, text) => writeFile(join(directory, file), text),
    append: (file, text) => appendFile(join(directory, file), text),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
