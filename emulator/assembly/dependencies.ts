/** Which resource needs which: CloudFormation refuses circular and dangling references before it creates anything, so does this. */
import type { Template, TemplateResource } from './cloud-assembly.ts';
import { substitutions } from './intrinsics.ts';

/** Throws in the words of CloudFormation when a resource refers to nothing or, through others, to itself. */
export function checkDependencies(template: Template): void {
  const graph = new Map<string, ReadonlySet<string>>();
  for (const [logicalId, resource] of Object.entries(template.Resources))
    graph.set(logicalId, dependencies(logicalId, resource, template));
  const settled = new Set<string>();
  for (const logicalId of graph.keys()) visit(logicalId, [], { graph, settled });
}

function visit(
  logicalId: string,
  path: readonly string[],
  walk: { graph: ReadonlyMap<string, ReadonlySet<string>>; settled: Set<string> },
): void {
  if (walk.settled.has(logicalId)) return;
  const start = path.indexOf(logicalId);
  if (start >= 0) throw new Error(`Circular dependency between resources: [${path.slice(start).join(', ')}]`);
  for (const next of walk.graph.get(logicalId) ?? []) visit(next, [...path, logicalId], walk);
  walk.settled.add(logicalId);
}

function dependencies(
  logicalId: string,
  resource: TemplateResource,
  template: Template,
): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const name of references(resource.Properties)) {
    if (name.startsWith('AWS::') || template.Parameters?.[name] !== undefined) continue;
    if (template.Resources[name] === undefined) {
      throw new Error(
        `Template error: ${logicalId} (${resource.Type}) refers to ${name}, which is neither a resource nor a parameter`,
      );
    }
    needed.add(name);
  }
  for (const name of [resource.DependsOn ?? []].flat()) {
    if (template.Resources[name] === undefined)
      throw new Error(`Template error: ${logicalId} depends on ${name}, which is not a resource`);
    needed.add(name);
  }
  return needed;
}

function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) yield* references(item);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'Ref' && typeof inner === 'string') yield inner;
    else if (key === 'Fn::GetAtt') yield String(Array.isArray(inner) ? inner[0] : inner).split('.')[0] ?? '';
    else if (key === 'Fn::Sub') yield* subReferences(inner);
    else yield* references(inner);
  }
}

function* subReferences(argument: unknown): Generator<string> {
  const [template, variables] = Array.isArray(argument)
    ? (argument as [unknown, Record<string, unknown>?])
    : [argument];
  for (const name of substitutions(String(template))) {
    if (variables === undefined || !Object.hasOwn(variables, name))
      yield name.includes('::') ? name : (name.split('.')[0] ?? '');
  }
  yield* references(variables);
}
