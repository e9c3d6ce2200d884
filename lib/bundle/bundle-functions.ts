import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, type BuildOptions, type Metafile, type OutputFile, type Plugin } from 'esbuild';

const LAMBDA_CREDENTIALS = fileURLToPath(new URL('lambda-credentials.ts', import.meta.url));
const ENDPOINT_DISCOVERY = fileURLToPath(new URL('endpoint-discovery.ts', import.meta.url));

/** What to bundle and where to put it. */
export interface BundleOptions {
  /** Function name → entry file, absolute or relative to `cwd`. */
  readonly entries: Readonly<Record<string, string>>;
  /** Receives `<name>/index.mjs` (the Lambda asset) and, beside it, `<name>.meta.json` and `<name>.map`. */
  readonly outDir: string;
  /** Where module resolution starts. Default: the process's working directory. */
  readonly cwd?: string;
  readonly plugins?: readonly Plugin[];
}

/** Where modules outside the working directory find packages they have not installed themselves. */
const NODE_PATHS = [fileURLToPath(new URL('../../node_modules', import.meta.url))];

/** CommonJS packages require Node's own modules at run time; an ES module has no `require` by itself. */
const REQUIRE = `import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);`;

/** What Lambda's runtime wants, small. */
const SETTINGS = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // The SDK's ES modules can be tree-shaken; its CommonJS builds, which Node would choose, cannot.
  mainFields: ['module', 'main'],
  alias: {
    '@aws-sdk/credential-provider-node': LAMBDA_CREDENTIALS,
    '@aws-sdk/middleware-endpoint-discovery': ENDPOINT_DISCOVERY,
  },
  nodePaths: NODE_PATHS,
  banner: { js: REQUIRE },
  minify: true,
  legalComments: 'none',
  // Made for whoever decodes a stack trace, kept out of the asset: a map in the zip makes every cold start slower.
  sourcemap: 'external',
} satisfies BuildOptions;

/** One bundled function. */
export interface Bundle {
  readonly name: string;
  /** Directory that holds nothing but `index.mjs`. */
  readonly directory: string;
  readonly bytes: number;
  /** Which module contributed how many bytes, largest first; paths relative to `cwd`. */
  readonly inputs: readonly BundleInput[];
  /** Files that were read for it, packages left out, by absolute path: a change of one may change the bundle. */
  readonly sources: readonly string[];
}

export interface BundleInput {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Bundles all functions in one esbuild run: modules they share are read and parsed once. Files whose content did not
 * change are not written again. Rejects with esbuild's own message, which names file and line.
 */
export async function bundleFunctions(options: BundleOptions): Promise<readonly Bundle[]> {
  const cwd = options.cwd ?? process.cwd();
  const { outputFiles, metafile } = await build({
    absWorkingDir: cwd,
    entryPoints: Object.entries(options.entries).map(([name, path]) => ({
      in: path,
      out: join(name, 'index'),
    })),
    outdir: options.outDir,
    ...SETTINGS,
    plugins: [...(options.plugins ?? [])],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  await mkdir(options.outDir, { recursive: true });
  await Promise.all(outputFiles.map((file) => writeIfChanged(options.outDir, placeOf(file), file.contents)));
  const bundles = Object.keys(options.entries).map((name) =>
    describe(name, { outDir: options.outDir, cwd, metafile }),
  );
  await Promise.all(
    bundles.map((bundle) =>
      writeIfChanged(
        options.outDir,
        `${bundle.directory}.meta.json`,
        Buffer.from(JSON.stringify(bundle, null, 1)),
      ),
    ),
  );
  return bundles;
}

/** `<name>/index.mjs` stays; its map moves to `<name>.map`, beside the asset. */
function placeOf(file: OutputFile): string {
  return file.path.endsWith('.map') ? `${dirname(file.path)}.map` : file.path;
}

function describe(
  name: string,
  { outDir, cwd, metafile }: { readonly outDir: string; readonly cwd: string; readonly metafile: Metafile },
): Bundle {
  const directory = join(outDir, name);
  const output = metafile.outputs[relative(cwd, join(directory, 'index.mjs'))];
  if (output === undefined) throw new Error(`esbuild reported no output for ${name}`);
  const sources = readFor(output.entryPoint, metafile)
    .filter((path) => !path.includes('node_modules/'))
    .map((path) => resolve(cwd, path))
    .toSorted();
  const inputs = Object.entries(output.inputs)
    .map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
    .toSorted((a, b) => b.bytes - a.bytes);
  return { name, directory, bytes: output.bytes, inputs, sources };
}

/** A module and everything it imports, directly or not, as the metafile names them. */
function readFor(entry: string | undefined, { inputs }: Metafile): readonly string[] {
  const found = new Set(entry === undefined ? [] : [entry]);
  // A set gives what is added while it is being walked.
  for (const path of found) {
    for (const { path: imported, external } of inputs[path]?.imports ?? [])
      if (external !== true) found.add(imported);
  }
  return [...found];
}

/** Written beside and renamed: another synth may be copying the asset right now. */
async function writeIfChanged(outDir: string, path: string, contents: Uint8Array): Promise<void> {
  const current = await readFile(path).catch(() => undefined);
  if (current?.equals(contents) === true) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(outDir, `.${randomUUID()}.tmp`);
  await writeFile(temporary, contents);
  await rename(temporary, path);
}
