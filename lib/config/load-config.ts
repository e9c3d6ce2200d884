import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import * as v from 'valibot';

import { ConfigurationError } from './configuration-error.ts';
import { withEnvironment } from './environment-overrides.ts';
import { Schema, type Config } from './schema.ts';

export const DEFAULT_CONFIG_FILE = 'causeway.config.ts';

export interface ConfigSource {
  /** Relative to `cwd`, or absolute. Default: `CAUSEWAY_CONFIG_FILE`, else `causeway.config.ts`. */
  readonly file?: string | undefined;
  /** Default: the process's. */
  readonly cwd?: string;
  /** Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the deployment configuration: the file's default export, overridden by `CAUSEWAY_*` variables, checked, with
 * every default filled in. Rejects with ConfigurationError naming the key and what was expected.
 */
export async function loadConfig(source: ConfigSource = {}): Promise<Config> {
  const environment = source.environment ?? process.env;
  const name = source.file ?? environment['CAUSEWAY_CONFIG_FILE'] ?? DEFAULT_CONFIG_FILE;
  const path = resolve(source.cwd ?? process.cwd(), name);
  return parseConfig(await defaultExport(path, name), { name, environment, folder: dirname(path) });
}

interface Context {
  /** What error messages call the settings. Default `configuration`. */
  readonly name?: string;
  /** Default: no variables. */
  readonly environment?: ConfigSource['environment'];
  /** What `app` is relative to. Default: the process's working directory. */
  readonly folder?: string;
}

/** Checks settings that are in memory already. `app` comes out as an absolute path. */
export function parseConfig(settings: unknown, context: Context = {}): Config {
  const { name = 'configuration', environment, folder = process.cwd() } = context;
  // Valibot takes an array for an object without keys; null makes it say what it expected.
  const tree = isObject(settings) ? withEnvironment(settings, environment ?? {}) : null;
  const result = v.safeParse(Schema, tree);
  if (!result.success)
    throw new ConfigurationError(result.issues.map((issue) => `${name}: ${describe(issue)}`).join('\n'));
  const { app, ...others } = result.output;
  return app === undefined ? others : { ...others, app: fileAt(resolve(folder, app), name) };
}

function fileAt(path: string, name: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  throw new ConfigurationError(`${name}: app: expected a file at ${path}`);
}

async function defaultExport(path: string, name: string): Promise<unknown> {
  if (!existsSync(path)) throw new ConfigurationError(`${name}: expected a configuration file at ${path}`);
  const module = (await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw new ConfigurationError(`${name}: expected a module that loads: ${String(cause)}`, { cause });
  })) as { readonly default?: unknown };
  // A CommonJS file (no package.json says "module" beside it) arrives wrapped once more.
  const exported = module.default;
  const settings = isObject(exported) && '__esModule' in exported ? exported['default'] : exported;
  if (settings === undefined)
    throw new ConfigurationError(`${name}: expected a default export with the settings`);
  return settings;
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const where = path === null ? '' : `${path}: `;
  // A rule that spans several keys has no single value to show.
  if (issue.type === 'partial_check') return where + issue.message;
  const got = issue.expected === 'never' ? 'an unknown key' : issue.received;
  return `${where}${issue.message}, got ${got}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
