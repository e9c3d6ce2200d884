import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hashInputs, watchedPaths } from './input-hash.ts';
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
  const target = join(assemblies, await hashInputs(inputs));
  if (await exists(target)) return target;
  await mkdir(assemblies, { recursive: true });
  return withLock(`${target}.lock`, async () => {
    if (!(await exists(target))) await build({ cwd, env, target });
    await removeOldAssemblies(assemblies);
    return target;
  });
}

/** What to watch for changes; absolute paths of files and folders. */
export async function synthInputs(
  options: Pick<SynthesiseOptions, 'cwd' | 'configFile'>,
): Promise<readonly string[]> {
  const cwd = resolve(options.cwd);
  const { inputs } = await readSettings(cwd);
  return watchedPaths({
    cwd,
    paths: inputs,
    ...(options.configFile !== undefined && { configFile: resolve(options.configFile) }),
  });
}

function relevantEnv(settings: SynthSettings, env: Readonly<Record<string, string>>): Record<string, string> {
  const read = (name: string) =>
    settings.environment.some((prefix) => name.startsWith(prefix)) || name === settings.configVariable;
  return Object.fromEntries(Object.entries(env).filter(([name]) => read(name)));
}

async function build({
  cwd,
  env,
  target,
}: {
  cwd: string;
  env: Record<string, string>;
  target: string;
}): Promise<void> {
  const { app, context } = await readCdkJson(cwd);
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    await runApp(app, {
      cwd,
      env: { ...env, CDK_OUTDIR: temporary, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });
    await rename(temporary, target).catch(async (error: unknown) => {
      if (!(await exists(target))) throw error; // else another process was faster
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
