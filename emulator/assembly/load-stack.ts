/** The door of this room: a synthesised cloud assembly → `Stack`. */
import type { Stack } from '../types.ts';
import { buildStack } from './build-stack.ts';
import { readCloudAssembly } from './cloud-assembly.ts';

export interface LoadStackOptions {
  /** Default us-east-1. */
  readonly region?: string;
  /** Default 000000000000. */
  readonly accountId?: string;
  /** Needed only when the assembly holds several stacks. */
  readonly stackName?: string;
}

/**
 * Reads the assembly and resolves every expression of its template.
 * @throws Error naming the logical id for an unknown resource type, attribute, intrinsic function, or a circular reference.
 */
export function loadStack(assemblyDirectory: string, options: LoadStackOptions = {}): Stack {
  const { region = 'us-east-1', accountId = '000000000000', stackName } = options;
  return buildStack(readCloudAssembly(assemblyDirectory, stackName), { region, accountId });
}
