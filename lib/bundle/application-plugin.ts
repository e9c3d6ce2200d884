import { dirname, join, sep } from 'node:path';

import type { Plugin } from 'esbuild';

export interface ApplicationPluginOptions {
  /** Root of this repository. */
  readonly root: string;
  /** Absolute path of the module with the user's Socket.IO server code; undefined when there is none. */
  readonly app: string | undefined;
}

/** What the code of a stock server imports, and what our own door stands in for. */
const DOORS = /^(causeway|socket\.io)$/;

/**
 * Puts the user's Socket.IO server code into the functions: compat/application.ts exports its module. What that code
 * imports as `causeway` or `socket.io` is compat/app-door.ts, whose servers the bridge knows; compat itself, and packages,
 * get the real thing.
 */
export function applicationPlugin({ root, app }: ApplicationPluginOptions): Plugin {
  const application = join(root, 'compat', 'application.ts');
  const door = join(root, 'compat', 'app-door.ts');
  const ours = ['compat', 'lambdas', 'lib'].map((folder) => join(root, folder) + sep);
  const isUsers = (importer: string) =>
    !ours.some((folder) => importer.startsWith(folder)) && !importer.includes(`${sep}node_modules${sep}`);
  return {
    name: 'application',
    setup(build) {
      if (app === undefined) return;
      build.onLoad({ filter: /[\\/]compat[\\/]application\.ts$/ }, ({ path }) =>
        path === application
          ? {
              contents: `import * as module from ${JSON.stringify(app)};\nexport const application = module;\n`,
              resolveDir: dirname(app),
            }
          : undefined,
      );
      build.onResolve({ filter: DOORS }, ({ importer }) => (isUsers(importer) ? { path: door } : undefined));
    },
  };
}
