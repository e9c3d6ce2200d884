import { mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { synthesise } from '../../../emulator/index.ts';
import { synthInputs } from '../../../emulator/synth/synthesise.ts';
import { createProject, type Project } from './project.ts';

let project: Project;
beforeEach(async () => {
  project = await createProject();
});
afterEach(() => project.remove());

const synth = (more: object = {}) => synthesise({ cwd: project.directory, ...more });

test('runs the app command once for the same inputs, with the context of cdk.json', async () => {
  const [first, second] = [await synth(), await synth()];
  expect(second).toBe(first);
  expect(first).toMatch(/[\\/]\.cache[\\/]assemblies[\\/][0-9a-f]{20}$/);
  expect(await project.runs()).toEqual(['none {"colour":"blue"}']);
  expect(await readdir(first)).toContain('manifest.json');
});

test('a changed input, configuration file or variable makes another assembly', async () => {
  await project.write('config.ts', 'export default 1;');
  const configFile = join(project.directory, 'config.ts');
  const seen = new Set([await synth()]);
  await project.append('src/index.mjs', '// changed\n');
  seen.add(await synth());
  seen.add(await synth({ configFile }));
  await project.append('config.ts', '// changed\n');
  seen.add(await synth({ configFile }));
  seen.add(await synth({ env: { READ_THIS: '1' } }));
  expect(seen.size).toBe(5);
  expect((await project.runs()).filter((run) => run.startsWith(configFile))).toHaveLength(2);
});

test('what is no input changes nothing', async () => {
  const first = await synth();
  await project.write('README.md', 'text');
  expect(await synth({ env: { OTHER: '1' } })).toBe(first);
});

test('many at once run the app once and get the same complete assembly', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, () => synth()));
  expect(new Set(all).size).toBe(1);
  expect(await project.runs()).toHaveLength(1);
  expect(JSON.parse(await readFile(join(all[0]!, 'manifest.json'), 'utf8'))).toHaveProperty('artifacts');
  expect(
    (await readdir(join(project.directory, '.cache', 'assemblies'))).filter((name) => /tmp|lock/.test(name)),
  ).toEqual([]);
});

test('a failing app is reported in its own words, and leaves nothing that looks like an assembly', async () => {
  await project.write('src/index.mjs', 'SYNTAX');
  await expect(synth()).rejects.toThrow(/exit code 3:\nsrc\/index\.mjs is broken/);
  expect(await readdir(join(project.directory, '.cache', 'assemblies'))).toEqual([]);
});

test('a missing configuration file and a folder without cdk.json are named', async () => {
  await expect(synth({ configFile: '/nowhere/config.ts' })).rejects.toThrow('/nowhere/config.ts');
  await expect(synthesise({ cwd: join(project.directory, 'src') })).rejects.toThrow('package.json');
});

test('a file the app found for itself counts as well, once the app has told', async () => {
  const outside = join(await mkdtemp(join(tmpdir(), 'outside-')), 'server.mjs');
  await writeFile(outside, '// one\n');
  const settings = JSON.parse(await readFile(join(project.directory, 'package.json'), 'utf8')) as {
    emulator: object;
  };
  await project.write(
    'package.json',
    JSON.stringify({ ...settings, emulator: { ...settings.emulator, foundInputs: 'found.json' } }),
  );
  const own = join(project.directory, 'src', 'index.mjs');
  await project.append(
    'app.mjs',
    `writeFileSync(out + '/found.json', ${JSON.stringify(JSON.stringify([own, outside]))});\n`,
  );
  await settled(outside);
  const [first, second] = [await synth(), await synth()];
  expect(second).toBe(first);
  expect(await project.runs()).toHaveLength(1);
  expect(await synthInputs({ cwd: project.directory, assembly: first })).toContain(outside);
  expect(await synthInputs({ cwd: project.directory, assembly: first })).not.toContain(own);

  await writeFile(outside, '// two\n');
  await settled(outside);
  const third = await synth();
  expect(third).not.toBe(first);
  expect(await synth()).toBe(third);
  await writeFile(outside, '// one\n');
  await settled(outside);
  expect(await synth()).toBe(first);
  expect(await project.runs()).toHaveLength(2);
});

test('a found file that changes while the app runs leaves nothing to be taken for the new state', async () => {
  const outside = join(project.directory, 'server.mjs');
  await project.write('server.mjs', '// one\n');
  await project.write(
    'package.json',
    JSON.stringify({
      emulator: { inputs: ['src', 'app.mjs'], directory: '.cache', foundInputs: 'found.json' },
    }),
  );
  await project.append(
    'app.mjs',
    `appendFileSync('server.mjs', '// more\\n');
writeFileSync(out + '/found.json', JSON.stringify([${JSON.stringify(outside)}]));\n`,
  );
  const first = await synth();
  expect(await synth()).not.toBe(first);
  expect(await project.runs()).toHaveLength(2);
});

/** Old enough not to look like a change made during the synth. */
async function settled(path: string): Promise<void> {
  const past = new Date(Date.now() - 60_000);
  await utimes(path, past, past);
}
