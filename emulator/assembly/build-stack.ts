/** Template → Stack: everything the template declares, in its final form. */
import type { Resource, Stack } from '../types.ts';
import type { CloudAssembly, Template } from './cloud-assembly.ts';
import { checkDependencies } from './dependencies.ts';
import { functionDirectory } from './function-code.ts';
import { NO_VALUE, resolveExpression } from './intrinsics.ts';
import { createScope, type Place, resolveIn, type StackScope } from './scope.ts';

export function buildStack(assembly: CloudAssembly, place: Omit<Place, 'stackName'>): Stack {
  const { template, stackName } = assembly;
  checkDependencies(template);
  const resources = new Map<string, Resource>();
  const scope = createScope(template, { stackName, ...place });
  for (const logicalId of Object.keys(template.Resources)) {
    if (scope.exists(logicalId)) resources.set(logicalId, scope.resource(logicalId));
  }
  return {
    name: stackName,
    ...place,
    outputs: resolveOutputs(template, scope),
    ofType: <P>(type: string) =>
      [...resources.values()].filter(
        (resource) => resource.type === type,
      ) as unknown as readonly Resource<P>[],
    get: (logicalId) => resources.get(logicalId),
    resolve: (value) => {
      const resolved = resolveExpression(value, scope);
      return resolved === NO_VALUE ? undefined : resolved;
    },
    assetDirectory: (logicalId) => {
      const fn = resources.get(logicalId);
      if (fn?.type !== 'AWS::Lambda::Function')
        throw new Error(`${logicalId} is no AWS::Lambda::Function of the stack ${stackName}`);
      return functionDirectory(fn, assembly.assets);
    },
    asset: (objectKey) => assembly.assets.get(objectKey),
  };
}

function resolveOutputs(template: Template, scope: StackScope): Record<string, string> {
  const outputs = Object.entries(template.Outputs ?? {}).filter(
    ([, output]) => output.Condition === undefined || scope.condition(output.Condition),
  );
  return Object.fromEntries(
    outputs.map(([name, output]) => [name, String(resolveIn(`output ${name}`, output.Value, scope))]),
  );
}
