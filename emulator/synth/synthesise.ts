import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { changedSince, foundInputs, hashFound, keepInputs, keptInputs } from './found-inputs.ts';
import { hashInputs, watchedPaths, type Inputs } from './input-hash.ts';
import { withLock } from './lock.ts';
import { removeOldAssemblies } from './remove-old-assemblies.ts';
import { runApp } from './run-app.ts';
import { readCdkJson, readSettings, type SynthSettings } from './settings.ts';

export interface SynthesiseOptions {
  /** Folder with cdk.json and package.json. */
  readonly cwd: string;
  /** Relative to the current folder, or absolute. The app's own default when absent. */
  readonly configFile?: string | undefined;
  /** Added to this process's environment for the app command. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs the app command of cdk.json and answers the cloud assembly's directory. The same inputs give the same directory
 * at once. Safe to call from several processes: an assembly appears complete or not at all.
 * @throws Error with the app's own words when it fails.
 */
export async function synthesise(options: SynthesiseOptions): Promise<string> {
  const cwd = resolve(options.cwd);
  const settings = await readSettings(cwd);
  const configFile = options.configFile === undefined ? undefined : resolve(options.configFile);
  if (configFile !== undefined && !(await exists(configFile)))
    throw new Error(`There is no configuration file ${configFile}.`);
  const env = { ...(process.env as Record<string, string>), ...options.env };
  if (configFile !== undefined) env[settings.configVariable] = configFile;
  const inputs = {
    cwd,
    paths: settings.inputs,
    env: relevantEnv(settings, env),
    ...(configFile !== undefined && { configFile }),
  };
  const assemblies = join(cwd, settings.directory, 'assemblies');
  const base = await hashInputs(inputs);
  const target = async () => join(assemblies, await hashFound(base, await keptInputs(assemblies, base)));
  const known = await target();
  if (await exists(known)) return known;
  await mkdir(assemblies, { recursive: true });
  return withLock(`${join(assemblies, base)}.lock`, async () => {
    const current = await target();
    const made = (await exists(current))
      ? current
      : await build({ env, inputs, base, assemblies, file: settings.foundInputs });
    await removeOldAssemblies(assemblies);
    return made;
  });
}

/** What to watch for changes; absolute paths of files and folders. With `assembly`, what its app found too. */
export async function synthInputs(
  options: Pick<SynthesiseOptions, 'cwd' | 'configFile'> & { readonly assembly?: string },
): Promise<readonly string[]> {
  const cwd = resolve(options.cwd);
  const { inputs, foundInputs: file } = await readSettings(cwd);
  const watched = watchedPaths({
    cwd,
    paths: inputs,
    ...(options.configFile !== undefined && { configFile: resolve(options.configFile) }),
  });
  if (options.assembly === undefined) return watched;
  return [...watched, ...(await foundInputs(options.assembly, { file, watched }))];
}

function relevantEnv(settings: SynthSettings, env: Readonly<Record<string, string>>): Record<string, string> {
  const read = (name: string) =>
    settings.environment.some((prefix) => name.startsWith(prefix)) || name === settings.configVariable;
  return Object.fromEntries(Object.entries(env).filter(([name]) => read(name)));
}

interface Build {
  readonly env: Record<string, string>;
  readonly inputs: Inputs;
  /** Hash of the inputs. */
  readonly base: string;
  readonly assemblies: string;
  /** Where the app lists further inputs. */
  readonly file: string | undefined;
}

/** Runs the app command; the assembly's directory. */
async function build({ env, inputs, base, assemblies, file }: Build): Promise<string> {
  const { app, context } = await readCdkJson(inputs.cwd);
  const temporary = join(assemblies, `${base}.${randomUUID()}.tmp`);
  const startedAt = Date.now();
  try {
    await runApp(app, {
      cwd: inputs.cwd,
      env: { ...env, CDK_OUTDIR: temporary, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });
    const found = await foundInputs(temporary, { file, watched: watchedPaths(inputs) });
    if (found.length > 0) await keepInputs(assemblies, base, found);
    // A file that changed meanwhile may be in the assembly as it was or as it is: keep that under a name nobody looks for.
    const name = (await changedSince(found, startedAt))
      ? randomUUID().replaceAll('-', '').slice(0, 20)
      : await hashFound(base, found);
    const target = join(assemblies, name);
    await rename(temporary, target).catch(async (error: unknown) => {
      if (!(await exists(target))) throw error; // else another process was faster
    });
    return target;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
