import { fileURLToPath } from 'node:url';

import type { Plugin, ResolveResult } from 'esbuild';

const ENGINE = fileURLToPath(new URL('stand-ins/engine.cjs', import.meta.url));
const NOTHING = fileURLToPath(new URL('stand-ins/nothing.cjs', import.meta.url));

/**
 * What the packages of Socket.IO bring along for a process that listens on a port, by name. A function never does: the
 * bridge binds an engine of its own. Each of them is imported, but used only by a listening server (test/bundles shows
 * that the server works without); together they are most of what `socket.io` weighs.
 */
export const STAND_INS: Readonly<Record<string, string>> = {
  /** HTTP, WebSocket and WebTransport servers: `io.attach`, `io.listen`. */
  'engine.io': ENGINE,
  /** The adapter asks it to frame a broadcast once, if it can. */
  ws: NOTHING,
  /** For serving the client's script: a table of every media type there is. */
  accepts: NOTHING,
  /** Middleware in front of the same. */
  cors: NOTHING,
  /** Prints what `DEBUG` selects, to a terminal. The bridge has its own log. */
  debug: NOTHING,
};

/** Packages that exist once as ES modules and once as CommonJS; the server requires them, the bridge imports them. */
const ONE_COPY = /^(socket\.io-parser|engine\.io-parser)$/;

const SERVER_PACKAGES = /[\\/]node_modules[\\/](socket\.io|socket\.io-adapter|socket\.io-parser)[\\/]/;
const STAND_IN_NAMES = new RegExp(`^(${Object.keys(STAND_INS).map(escape).join('|')})$`);

/** Leaves out of the `socket.io` server what only a listening server needs. */
export function leanServer(): Plugin {
  return {
    name: 'lean-server',
    setup(build) {
      build.onResolve({ filter: STAND_IN_NAMES }, ({ path, importer }) =>
        SERVER_PACKAGES.test(importer) ? { path: STAND_INS[path] as string } : undefined,
      );
      build.onResolve({ filter: ONE_COPY }, ({ path, kind, resolveDir, importer }) =>
        kind === 'require-call' && SERVER_PACKAGES.test(importer) ? asImported(path, resolveDir) : undefined,
      );
      const asImported = (path: string, resolveDir: string): Promise<ResolveResult> =>
        build.resolve(path, { kind: 'import-statement', resolveDir });
    },
  };
}

function escape(name: string): string {
  return name.replaceAll('.', String.raw`\.`);
}
