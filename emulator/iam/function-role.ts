import type { Resource, Stack } from '../types.ts';
import { compileConditions, type Context } from './conditions.ts';

export interface RoleProperties {
  readonly AssumeRolePolicyDocument?: { readonly Statement?: unknown };
  readonly Policies?: readonly { readonly PolicyName?: string; readonly PolicyDocument: unknown }[];
  readonly ManagedPolicyArns?: readonly string[];
  readonly PermissionsBoundary?: string;
}

/** The execution role of a function. Throws as a deployment would fail: no such role, or one that Lambda may not assume. */
export function roleOfFunction(stack: Stack, functionLogicalId: string): Resource<RoleProperties> {
  const arn = stack.get(functionLogicalId)?.properties['Role'];
  const role = stack.ofType<RoleProperties>('AWS::IAM::Role').find((candidate) => candidate.arn === arn);
  if (role === undefined)
    throw new Error(`${functionLogicalId}: its role ${String(arn)} is not in the template`);
  if (!isAssumableBy(role, 'lambda.amazonaws.com')) {
    throw new Error(
      `${functionLogicalId}: The role defined for the function cannot be assumed by Lambda. (${role.logicalId})`,
    );
  }
  return role;
}

/** Whether the trust policy lets the service in; its conditions count where the `context` of the request is given. */
export function isAssumableBy(
  role: Resource<RoleProperties>,
  servicePrincipal: string,
  context?: Context,
): boolean {
  const statements = [role.properties.AssumeRolePolicyDocument?.Statement ?? []].flat() as {
    Effect?: string;
    Principal?: { Service?: string | string[] };
    Condition?: unknown;
  }[];
  return statements.some(
    (statement) =>
      statement.Effect === 'Allow' &&
      [statement.Principal?.Service ?? []].flat().includes(servicePrincipal) &&
      (context === undefined ||
        compileConditions(statement.Condition, role.logicalId).every((holds) => holds(context))),
  );
}
