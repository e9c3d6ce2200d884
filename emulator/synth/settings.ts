import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Member `emulator` of package.json: how this project is synthesised. */
export interface SynthSettings {
  /** Files and folders, relative to package.json, whose change makes a new assembly. */
  readonly inputs: readonly string[];
  /** Where assemblies are kept, relative to package.json. Default `.emulator`. */
  readonly directory: string;
  /** Environment variables the app reads, by prefix. Default none. */
  readonly environment: readonly string[];
  /** Environment variable that tells the app which configuration file to read. Default `CONFIG_FILE`. */
  readonly configVariable: string;
  /**
   * Name of a file that the app may write into its assembly: a JSON array with the absolute paths of further files it
   * depends on, known only once it has run. Default none.
   */
  readonly foundInputs?: string;
}

const DEFAULTS: SynthSettings = {
  inputs: ['bin', 'lib', 'src', 'lambda', 'lambdas'],
  directory: '.emulator',
  environment: [],
  configVariable: 'CONFIG_FILE',
};

export async function readSettings(cwd: string): Promise<SynthSettings> {
  const manifest = JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8')) as {
    emulator?: Partial<SynthSettings>;
  };
  return { ...DEFAULTS, ...manifest.emulator };
}

export interface CdkJson {
  readonly app: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** The app command and the context of cdk.json, as `cdk synth` would use them. */
export async function readCdkJson(cwd: string): Promise<CdkJson> {
  const path = join(cwd, 'cdk.json');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Error(
      `There is no ${path}. Run this in the folder of a CDK app, or name a synthesised one with --assembly DIR.`,
    );
  });
  const { app, context } = JSON.parse(text) as { app?: string; context?: Record<string, unknown> };
  if (typeof app !== 'string')
    throw new Error(`${path} has no "app" command; the emulator needs it to synthesise the template.`);
  return { app, context: context ?? {} };
}
