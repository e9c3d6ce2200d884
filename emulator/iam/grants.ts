/** Policy documents → grants: one per (action, resource) pair that a statement names. */
import type { Resource, Stack } from '../types.ts';
import { type Condition, compileConditions } from './conditions.ts';
import type { RoleProperties } from './function-role.ts';
import { AWS_MANAGED_POLICIES } from './managed-policies.ts';
import { wildcard } from './wildcard.ts';

export interface Grant {
  readonly effect: 'Allow' | 'Deny';
  /** As written: `dynamodb:PutItem`, `dynamodb:*`; `not …` for NotAction and NotResource. */
  readonly action: string;
  readonly resource: string;
  readonly matchesAction: (action: string) => boolean;
  readonly matchesResource: (arn: string) => boolean;
  readonly conditions: readonly Condition[];
  used: boolean;
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: unknown;
}

interface PolicyProperties {
  readonly PolicyDocument: unknown;
  readonly Roles?: readonly string[];
}

interface Matcher {
  readonly written: string;
  readonly matches: (value: string) => boolean;
}

/** Everything the role's identity policies say: inline, attached by AWS::IAM::Policy or ManagedPolicy, and AWS managed. */
export function grantsOfRole(stack: Stack, role: Resource<RoleProperties>): readonly Grant[] {
  const { Policies = [], ManagedPolicyArns = [], PermissionsBoundary } = role.properties;
  if (PermissionsBoundary !== undefined)
    throw new Error(`${role.logicalId}: the emulator does not support permissions boundaries`);
  const attached = [
    ...stack.ofType<PolicyProperties>('AWS::IAM::Policy'),
    ...stack.ofType<PolicyProperties>('AWS::IAM::ManagedPolicy'),
  ].filter(
    (policy) =>
      policy.properties.Roles?.includes(role.ref) === true || ManagedPolicyArns.includes(policy.ref),
  );
  const own = attached.map((policy) => policy.ref);
  return [
    ...Policies.flatMap((policy) => compileDocument(policy.PolicyDocument, role.logicalId)),
    ...attached.flatMap((policy) => compileDocument(policy.properties.PolicyDocument, policy.logicalId)),
    ...ManagedPolicyArns.filter((arn) => !own.includes(arn)).flatMap((arn) =>
      compileDocument(awsManaged(arn, role), role.logicalId),
    ),
  ];
}

function awsManaged(arn: string, role: Resource<RoleProperties>): unknown {
  const policy = AWS_MANAGED_POLICIES[arn];
  if (policy === undefined)
    throw new Error(
      `${role.logicalId}: the emulator does not know the managed policy ${arn}; see emulator/iam/managed-policies.ts`,
    );
  return policy;
}

export function compileDocument(document: unknown, where: string): readonly Grant[] {
  const statements = [
    (document as { Statement?: Statement | readonly Statement[] }).Statement ?? [],
  ].flat() as readonly Statement[];
  return statements.flatMap((statement) => compileStatement(statement, where));
}

function compileStatement(statement: Statement, where: string): readonly Grant[] {
  const { Effect: effect, Action, NotAction, Resource, NotResource, Condition: block } = statement;
  if (effect !== 'Allow' && effect !== 'Deny')
    throw new Error(`${where}: a statement needs the Effect Allow or Deny`);
  // "The Action element is case-insensitive"; resources are not.
  const actions = matchers(
    { among: Action, except: NotAction, flags: 'i' },
    `${where}: a statement needs Action or NotAction`,
  );
  const resources = matchers(
    { among: Resource, except: NotResource, flags: '' },
    `${where}: a statement needs Resource or NotResource`,
  );
  const variable = resources.find(({ written }) => written.includes('${'));
  if (variable !== undefined)
    throw new Error(`${where}: the emulator does not support policy variables (${variable.written})`);
  const conditions = compileConditions(block, where);
  return actions.flatMap((action) =>
    resources.map((resource) => ({
      effect,
      action: action.written,
      resource: resource.written,
      matchesAction: action.matches,
      matchesResource: resource.matches,
      conditions,
      used: false,
    })),
  );
}

interface Wanted {
  readonly among: string | readonly string[] | undefined;
  readonly except: string | readonly string[] | undefined;
  readonly flags: string;
}

function matchers({ among, except, flags }: Wanted, missing: string): readonly Matcher[] {
  if (among !== undefined) {
    return [among].flat().map((written) => {
      const pattern = wildcard(written, flags);
      return { written, matches: (value) => pattern.test(value) };
    });
  }
  if (except === undefined) throw new Error(missing);
  const patterns = [except].flat().map((written) => wildcard(written, flags));
  return [
    {
      written: `not ${[except].flat().join(', ')}`,
      matches: (value) => !patterns.some((pattern) => pattern.test(value)),
    },
  ];
}
