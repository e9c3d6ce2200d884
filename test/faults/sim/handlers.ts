/**
 * The handlers of the deployment as they are, lambdas/handlers, with their adapters to AWS exchanged: whatever a handler wires
 * together is what runs. Bundled once; each instance runs the bundle's top level anew, as a cold start does.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { build, type Plugin } from 'esbuild';

import * as errors from '../../../lambdas/domain/errors.ts';
import * as inDoubt from '../../../lambdas/domain/in-doubt.ts';
import { FUNCTIONS, type FunctionName } from '../../../lambdas/manifest/routes.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const LAMBDAS = join(ROOT, 'lambdas') + sep;

/** Modules that talk to AWS, or to the machine; all else is the deployment's own code. */
const EXCHANGED =
  /^adapters\/(dynamodb\/(?!key-part|keys)|gateway\/|sqs\/|lambda\/|system\/clock|telemetry\/logger|auth\/(authenticator|token-secret))/;

/** What the adapters throw is caught by class. */
const SHARED = /^domain\/(errors|in-doubt)\.ts$/;
const shared = { ...errors, ...inDoubt };

/** Answers what a module of an adapter exports: `createMemberStore` and the like. */
export type Adapters = (name: string, args: readonly unknown[]) => unknown;

export interface Sim {
  readonly adapters: Adapters;
  readonly env: Readonly<Record<string, string>>;
}

export interface LambdaContext {
  readonly functionName: string;
  getRemainingTimeInMillis(): number;
}

export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<unknown>;

type Load = (sim: Sim) => LambdaHandler;

let loading: Promise<Readonly<Record<FunctionName, Load>>> | undefined;

/** Every function of the deployment; call the result for each instance. */
export function loadHandlers(): Promise<Readonly<Record<FunctionName, Load>>> {
  return (loading ??= bundle());
}

async function bundle(): Promise<Readonly<Record<FunctionName, Load>>> {
  const names = Object.keys(FUNCTIONS) as FunctionName[];
  const { outputFiles } = await build({
    entryPoints: names.map((name) => ({ in: join(LAMBDAS, 'handlers', FUNCTIONS[name]), out: name })),
    outdir: join(ROOT, 'nowhere'),
    write: false,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    packages: 'external',
    define: { 'process.env': '__sim.env' },
    plugins: [exchange()],
    logLevel: 'error',
  });
  const load = createRequire(import.meta.url);
  const require = (name: string): unknown =>
    name === 'node:async_hooks' ? { AsyncLocalStorage: OneStorage } : load(name);
  const loads = outputFiles.map(({ path, text }) => {
    const name = path.slice(path.lastIndexOf(sep) + 1).replace(/\.js$/, '');
    const run = compileFunction(text, ['module', 'exports', 'require', '__sim', '__shared'], {
      filename: `${name}.js`,
    });
    const load: Load = (sim) => {
      const module = { exports: {} as { handler: LambdaHandler } };
      run(module, module.exports, require, sim, shared);
      return module.exports.handler;
    };
    return [name, load];
  });
  return Object.fromEntries(loads) as Record<FunctionName, Load>;
}

/** Each costs every promise of the thread, and there is a thread for all instances: an invocation's scope is told by itself. */
const storage = new AsyncLocalStorage();
function OneStorage(): AsyncLocalStorage<unknown> {
  return storage;
}

function exchange(): Plugin {
  return {
    name: 'exchange-adapters',
    setup({ onLoad, onResolve }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!path.startsWith(LAMBDAS)) return undefined;
        const inside = path.slice(LAMBDAS.length).replaceAll(sep, '/');
        if (SHARED.test(inside)) return { contents: sharedOf(await readFile(path, 'utf8')) };
        return EXCHANGED.test(inside) ? { contents: standIn(await readFile(path, 'utf8')) } : undefined;
      });
      // Its timers are the machine's.
      onResolve({ filter: /^node:timers\/promises$/ }, () => ({ path: 'timers', namespace: 'sim' }));
      onLoad({ filter: /^timers$/, namespace: 'sim' }, () => ({
        contents:
          'export const setTimeout = (ms, value) => new Promise((resolve) => globalThis.setTimeout(() => resolve(value), ms));',
      }));
    },
  };
}

function sharedOf(source: string): string {
  const names = [...source.matchAll(/^export (?:function|const|class) (\w+)/gm)].map(
    ([, name]) => name ?? '',
  );
  return names.map((name) => `export const ${name} = __shared.${name};`).join('\n');
}

/** What the module exports, asked of the simulation: functions when they are called, constants as the module is loaded. */
function standIn(source: string): string {
  const functions = [...source.matchAll(/^export (?:async )?function (\w+)/gm)].map(([, name]) => name ?? '');
  const constants = [...source.matchAll(/^export const (\w+)/gm)].map(([, name]) => name ?? '');
  return [
    ...functions.map(
      (name) => `export const ${name} = (...args) => __sim.adapters(${JSON.stringify(name)}, args);`,
    ),
    ...constants.map((name) => `export const ${name} = __sim.adapters(${JSON.stringify(name)}, []);`),
    'export {};',
  ].join('\n');
}
