/**
 * Reads a cloud assembly by hand: aws-cdk-lib could do it, but loading it costs more than everything else at start-up.
 * Format: AWS CDK "cloud-assembly-schema" (manifest.json, *.assets.json).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Parameter } from './parameters.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, Parameter>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Condition?: string }>>;
}

export interface CloudAssembly {
  readonly stackName: string;
  readonly template: Template;
  /** Object key in the bootstrap bucket (`<hash>.zip`) → file or directory on this machine. */
  readonly assets: ReadonlyMap<string, string>;
}

interface Artifact {
  readonly type: string;
  readonly displayName?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
    readonly directoryName?: string;
  };
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

interface FoundStack {
  readonly directory: string;
  readonly name: string;
  readonly templateFile: string;
}

/** Reads the only stack of the assembly, or the one called `stackName`. */
export function readCloudAssembly(directory: string, stackName?: string): CloudAssembly {
  const stacks: FoundStack[] = [];
  const assets = new Map<string, string>();
  collect(resolve(directory), stacks, assets);
  const stack = choose(stacks, directory, stackName);
  const template = readJson(join(stack.directory, stack.templateFile)) as Template;
  if (typeof template.Resources !== 'object')
    throw new Error(`${stack.templateFile} has no Resources section`);
  return { stackName: stack.name, template, assets };
}

function collect(directory: string, stacks: FoundStack[], assets: Map<string, string>): void {
  const manifestFile = join(directory, 'manifest.json');
  if (!existsSync(manifestFile)) {
    throw new Error(`${directory} is no cloud assembly: it has no manifest.json (run "cdk synth" first)`);
  }
  const { artifacts = {} } = readJson(manifestFile) as Manifest;
  for (const [id, { type, displayName, properties = {} }] of Object.entries(artifacts)) {
    if (type === 'aws:cloudformation:stack' && properties.templateFile !== undefined) {
      stacks.push({
        directory,
        name: properties.stackName ?? displayName ?? id,
        templateFile: properties.templateFile,
      });
    }
    if (type === 'cdk:asset-manifest' && properties.file !== undefined)
      collectAssets(directory, properties.file, assets);
    if (type === 'cdk:cloud-assembly' && properties.directoryName !== undefined) {
      collect(join(directory, properties.directoryName), stacks, assets);
    }
  }
}

function collectAssets(directory: string, file: string, assets: Map<string, string>): void {
  const { files = {} } = readJson(join(directory, file)) as AssetManifest;
  for (const { source, destinations } of Object.values(files)) {
    if (source.path === undefined) continue;
    for (const { objectKey } of Object.values(destinations))
      assets.set(objectKey, resolve(directory, source.path));
  }
}

function choose(stacks: readonly FoundStack[], directory: string, wanted: string | undefined): FoundStack {
  const names = stacks.map((stack) => stack.name).join(', ');
  const matching = wanted === undefined ? stacks : stacks.filter((stack) => stack.name === wanted);
  const [first, second] = matching;
  if (first === undefined) {
    throw new Error(
      wanted === undefined
        ? `The cloud assembly ${directory} has no stack`
        : `No stack ${wanted} in ${directory}; there are: ${names}`,
    );
  }
  if (second !== undefined)
    throw new Error(`The cloud assembly ${directory} has several stacks (${names}): name one with stackName`);
  return first;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    throw new Error(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
