/**
 * Which objects a bucket holds: those that Custom::CDKBucketDeployment of aws-cdk-lib copies into it, read from the assets
 * the template names. Its function, which runs the AWS CLI in Python, never runs here.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { UnsupportedResource } from '../apigateway/template-error.ts';
import type { Resource, Stack } from '../types.ts';
import { contentTypeOf } from './content-type.ts';

export interface StoredObject {
  /** Where its content lies on this machine. */
  readonly path: string;
  /** System-defined metadata, as the headers of a GET show it. */
  readonly headers: Readonly<Record<string, string>>;
}

interface DeploymentProperties {
  readonly DestinationBucketName?: string;
  readonly DestinationBucketKeyPrefix?: string;
  readonly SourceObjectKeys?: readonly string[];
  readonly SourceMarkers?: readonly object[];
  readonly SystemMetadata?: Readonly<Record<string, string>>;
  readonly UserMetadata?: Readonly<Record<string, string>>;
  readonly Extract?: boolean | string;
  readonly Include?: readonly string[];
  readonly Exclude?: readonly string[];
}

/** Sent as headers of the same name. */
const METADATA = new Set(['cache-control', 'content-disposition', 'content-language', 'content-type']);

/** Key → object. Throws UnsupportedResource for what this emulator can't copy. */
export function objectsOf(stack: Stack, bucketName: string): ReadonlyMap<string, StoredObject> {
  const deployments = stack
    .ofType<DeploymentProperties>('Custom::CDKBucketDeployment')
    .filter(({ properties }) => properties.DestinationBucketName === bucketName);
  return new Map(deployments.flatMap((deployment) => deployed(stack, deployment)));
}

function deployed(stack: Stack, resource: Resource<DeploymentProperties>): [string, StoredObject][] {
  const problem = problemOf(resource.properties);
  if (problem !== undefined) throw new UnsupportedResource(resource, problem);
  const { SourceObjectKeys = [], DestinationBucketKeyPrefix = '', SystemMetadata = {} } = resource.properties;
  const prefix = DestinationBucketKeyPrefix.replace(/^\/|\/$/g, '');
  const key = (path: string) => (prefix === '' ? path : `${prefix}/${path}`);
  return SourceObjectKeys.flatMap((source) => {
    const directory = stack.asset(source);
    if (directory === undefined || !statSync(directory).isDirectory())
      throw new UnsupportedResource(resource, `its source ${source} is no directory of the cloud assembly.`);
    return filesOf(directory).map((path): [string, StoredObject] => [
      key(path),
      { path: join(directory, path), headers: { 'content-type': contentTypeOf(path), ...SystemMetadata } },
    ]);
  });
}

function problemOf(properties: DeploymentProperties): string | undefined {
  const { SourceMarkers = [], SystemMetadata = {}, Include = [], Exclude = [] } = properties;
  if (SourceMarkers.some((markers) => Object.keys(markers).length > 0))
    return "values that are known at deployment only aren't emulated in its sources.";
  if (Include.length + Exclude.length > 0) return "Include and Exclude aren't emulated.";
  if (String(properties.Extract ?? true) === 'false') return "Extract: false isn't emulated.";
  if (Object.keys(properties.UserMetadata ?? {}).length > 0) return "UserMetadata isn't emulated.";
  const unknown = Object.keys(SystemMetadata).find((name) => !METADATA.has(name));
  return unknown === undefined ? undefined : `SystemMetadata ${unknown} isn't emulated.`;
}

function filesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
