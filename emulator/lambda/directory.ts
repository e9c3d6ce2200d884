/** The functions of a stack by name, ARN or integration URI. */
import type { Resource, Stack } from '../types.ts';
import { defineFunction, hasQualifier } from './definition.ts';
import type { FunctionDefinition, FunctionProperties } from './definition.ts';
import { environmentProblem } from './environment.ts';
import { parseFunctionReference } from './identifiers.ts';

export interface FunctionTarget {
  readonly definition: FunctionDefinition;
  /** With the qualifier it was called by. */
  readonly arn: string;
}

export interface Directory {
  find(fn: string): FunctionTarget | { readonly type: string; readonly problem: string };
  definition(functionLogicalId: string): FunctionDefinition | undefined;
}

/** Throws when a function's environment would be refused at deployment. Functions this emulator can't run fail when called. */
export function createDirectory(stack: Stack): Directory {
  const resources = stack.ofType<FunctionProperties>('AWS::Lambda::Function');
  const byName = new Map(resources.map((resource) => [resource.ref, resource]));
  const defined = new Map<string, FunctionDefinition | Error>();
  for (const resource of resources) defined.set(resource.logicalId, tryDefine(stack, resource));
  for (const definition of defined.values()) {
    const problem = definition instanceof Error ? undefined : environmentProblem(definition);
    if (problem) throw new Error(problem);
  }
  return {
    find(fn) {
      const reference = parseFunctionReference(fn);
      const resource = reference && byName.get(reference.name);
      const definition = resource && defined.get(resource.logicalId);
      if (definition instanceof Error) return { type: 'Emulator.Unsupported', problem: definition.message };
      if (!resource || !definition)
        return { type: 'ResourceNotFoundException', problem: `Function not found: ${fn}` };
      const { qualifier } = reference;
      if (qualifier === undefined) return { definition, arn: definition.arn };
      const arn = `${definition.arn}:${qualifier}`;
      return hasQualifier(stack, resource, qualifier)
        ? { definition, arn }
        : { type: 'ResourceNotFoundException', problem: `Function not found: ${arn}` };
    },
    definition(functionLogicalId) {
      const definition = defined.get(functionLogicalId);
      return definition instanceof Error ? undefined : definition;
    },
  };
}

function tryDefine(stack: Stack, resource: Resource<FunctionProperties>): FunctionDefinition | Error {
  try {
    return defineFunction(stack, resource);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
