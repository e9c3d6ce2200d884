import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';

import { transform } from 'esbuild';
import type * as client from 'socket.io-client';

const require = createRequire(import.meta.url);

export type Client = typeof client;

/** The stock package, loaded anew: connections are shared by what loaded it together, as by the scripts of one page. */
export function loadClient(): Client {
  delete require.cache[require.resolve('socket.io-client')];
  return require('socket.io-client') as Client;
}

export interface Script {
  readonly code: string;
  /** For stack traces: `chats.md`, and the line on which the code begins there. */
  readonly file: string;
  readonly line: number;
  /** What `import … from` finds, by name. */
  readonly modules: Readonly<Record<string, object>>;
  /** What stands in a browser's window, or what a fragment takes for granted. */
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Runs a module and answers its top-level names. Imports are the packages', types vanish, the rest runs as it is written. */
export async function runScript(script: Script): Promise<Readonly<Record<string, unknown>>> {
  const names = [...script.code.matchAll(/^(?:const|let|class|function)\s+(\w+)/gm)].map(([, name]) => name);
  const { code } = await transform(`${script.code}\nexport { ${names.join(', ')} };`, {
    loader: 'ts',
    format: 'cjs',
    target: 'node20',
  });
  const module: { exports: Readonly<Record<string, unknown>> } = { exports: {} };
  const given = { require: (name: string) => resolve(script, name), module, ...script.globals };
  // In a function of its own a script may give a global's name to something else, as `const socket` does.
  compileFunction(`(() => {\n${code}\n})()`, Object.keys(given), {
    filename: script.file,
    lineOffset: script.line - 2,
  })(...Object.values(given));
  return module.exports;
}

function resolve({ modules, file }: Script, name: string): object {
  const found = modules[name];
  if (found === undefined) throw new Error(`${file} imports ${name}, which is not there`);
  return { __esModule: true, ...found };
}
