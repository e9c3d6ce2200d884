/** Where the code of a Lambda function lies on this machine. */
import { createHash } from 'node:crypto';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resource } from '../types.ts';

interface FunctionProperties {
  readonly Code?: { readonly S3Key?: string; readonly ZipFile?: string; readonly ImageUri?: unknown };
}

/** The directory of the bundled asset; inline code (`ZipFile`) is written to a temporary directory first. */
export function functionDirectory(fn: Resource, assets: ReadonlyMap<string, string>): string {
  const { Code = {} } = fn.properties as FunctionProperties;
  if (Code.ZipFile !== undefined) return writeInlineCode(Code.ZipFile);
  if (Code.ImageUri !== undefined)
    throw new Error(`${fn.logicalId}: container images are not supported, only zip packages`);
  const directory = Code.S3Key === undefined ? undefined : assets.get(Code.S3Key);
  if (directory === undefined)
    throw new Error(`${fn.logicalId}: the cloud assembly has no asset ${Code.S3Key ?? '(no S3Key)'}`);
  if (!statSync(directory).isDirectory())
    throw new Error(
      `${fn.logicalId}: the asset ${directory} is packed; the emulator needs it as a directory`,
    );
  return directory;
}

/** Lambda puts inline code into a file called index (AWS::Lambda::Function Code, "ZipFile"). */
function writeInlineCode(source: string): string {
  const directory = join(
    tmpdir(),
    'lambda-inline',
    createHash('sha256').update(source).digest('hex').slice(0, 32),
  );
  mkdirSync(directory, { recursive: true });
  const isModule = /^\s*(?:import|export)\s/m.test(source);
  writeFileSync(join(directory, isModule ? 'index.mjs' : 'index.js'), source);
  return directory;
}
