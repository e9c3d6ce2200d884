/** AWS::Lambda::Function of the template, with the defaults of the Lambda API ("CreateFunction"). */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource, Stack } from '../types.ts';

export interface FunctionProperties {
  readonly Handler?: string;
  readonly Runtime?: string;
  readonly PackageType?: string;
  readonly MemorySize?: number | string;
  readonly Timeout?: number | string;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
  readonly ReservedConcurrentExecutions?: number | string;
  readonly LoggingConfig?: {
    readonly LogGroup?: string;
    readonly LogFormat?: string;
    readonly ApplicationLogLevel?: string;
  };
}

export interface FunctionDefinition {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly handler: string;
  /** 24 of `nodejs24.x`. */
  readonly nodeMajor: number;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly taskRoot: string;
  readonly region: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
  readonly logGroup: string;
  readonly logFormat: string;
  readonly logLevel?: string;
  /** Differs when anything differs that a new instance would notice. */
  readonly fingerprint: string;
}

/** Throws when the function can't run here, with the reason. */
export function defineFunction(stack: Stack, resource: Resource<FunctionProperties>): FunctionDefinition {
  const { logicalId, properties, ref: name } = resource;
  const nodeMajor = Number(/^nodejs(\d+)\.x$/.exec(properties.Runtime ?? '')?.[1]);
  if (!nodeMajor || properties.PackageType === 'Image') {
    throw new Error(
      `${logicalId}: the emulator runs functions of a nodejs runtime packed as zip; this one has ${properties.PackageType === 'Image' ? 'a container image' : `runtime ${properties.Runtime}`}.`,
    );
  }
  const taskRoot = stack.assetDirectory(logicalId);
  const reserved = properties.ReservedConcurrentExecutions;
  const logging = properties.LoggingConfig ?? {};
  return {
    logicalId,
    name,
    arn: resource.arn ?? `arn:aws:lambda:${stack.region}:${stack.accountId}:function:${name}`,
    handler: properties.Handler ?? '',
    nodeMajor,
    memoryMb: Number(properties.MemorySize ?? 128),
    timeoutMs: Number(properties.Timeout ?? 3) * 1000,
    taskRoot,
    region: stack.region,
    variables: stringValues(properties.Environment?.Variables ?? {}),
    ...(reserved === undefined ? {} : { reservedConcurrency: Number(reserved) }),
    logGroup: logging.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: logging.LogFormat ?? 'Text',
    ...(logging.ApplicationLogLevel === undefined ? {} : { logLevel: logging.ApplicationLogLevel }),
    fingerprint: JSON.stringify([properties, taskRoot, filesOf(taskRoot)]),
  };
}

/** The qualifiers a function can be called with: aliases of the template, `$LATEST` and version numbers. */
export function hasQualifier(
  stack: Stack,
  resource: Pick<Resource, 'ref' | 'arn'>,
  qualifier: string,
): boolean {
  if (qualifier === '$LATEST' || /^\d+$/.test(qualifier)) return true;
  return stack
    .ofType<{ Name?: string; FunctionName?: string }>('AWS::Lambda::Alias')
    .some(
      ({ properties }) =>
        properties.Name === qualifier &&
        (properties.FunctionName === resource.ref || properties.FunctionName === resource.arn),
    );
}

function stringValues(variables: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
}

/** Assets of the CDK are named by a hash of their content; a directory built in place is known by its files' times. */
function filesOf(directory: string): unknown[] {
  return readdirSync(directory).map((name) => {
    const { mtimeMs, size } = statSync(join(directory, name));
    return [name, mtimeMs, size];
  });
}
