import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

interface TemplateResource {
  readonly Type?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Types a reload brings in without a restart: routes, code and files. */
const RELOADED =
  /^(AWS::(Lambda::Permission$|ApiGatewayV2::|CloudFront::|S3::)|Custom::CDKBucketDeployment$)/;

/** Logical ids of the resources that differ between two assemblies in more than what a reload applies. */
export async function templateChanges(before: string, after: string): Promise<readonly string[]> {
  const [old, fresh] = await Promise.all([resourcesOf(before), resourcesOf(after)]);
  const ids = new Set([...Object.keys(old), ...Object.keys(fresh)]);
  return [...ids].filter((id) => !isDeepStrictEqual(relevant(old[id]), relevant(fresh[id]))).toSorted();
}

/** A function counts by what isn't its code; it may not appear or go away, for its credentials are made at the start. */
function relevant(resource: TemplateResource | undefined): unknown {
  const type = resource?.Type ?? '';
  if (resource === undefined || RELOADED.test(type) || type === 'AWS::CDK::Metadata') return undefined;
  if (type === 'AWS::Lambda::Function') return type;
  return [type, resource.Properties];
}

async function resourcesOf(assembly: string): Promise<Readonly<Record<string, TemplateResource>>> {
  const files = (await readdir(assembly)).filter((file) => file.endsWith('.template.json'));
  const templates = await Promise.all(
    files.map(
      async (file) =>
        JSON.parse(await readFile(join(assembly, file), 'utf8')) as {
          Resources?: Record<string, TemplateResource>;
        },
    ),
  );
  return Object.assign({}, ...templates.map((template) => template.Resources ?? {})) as Record<
    string,
    TemplateResource
  >;
}
