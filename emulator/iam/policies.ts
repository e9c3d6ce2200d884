/**
 * Checks every AWS call of a function against the policies of its role ("Policy evaluation logic": an explicit deny wins,
 * an allow is needed), and keeps account of what was used, never used and refused.
 */
import type { Authorize, PermissionReport, Stack } from '../types.ts';
import type { Context } from './conditions.ts';
import { isAssumableBy, roleOfFunction, type RoleProperties } from './function-role.ts';
import { type Grant, grantsOfRole } from './grants.ts';
import { wildcard } from './wildcard.ts';

export interface Permissions {
  readonly authorize: Authorize;
  /** The same for a service that has assumed a role: `caller.functionName` is the session's name. Undefined when allowed. */
  authorizeRole(caller: RoleSession, action: string, resource: string): string | undefined;
  report(): PermissionReport;
  /**
   * Counts as used what Lambda itself does with the role: `logs:CreateLogGroup`, `logs:CreateLogStream`, `logs:PutLogEvents` when
   * the function ran, `xray:*` when it is traced. Wildcards allowed. False when the role grants nothing of the kind (then AWS
   * drops the log lines).
   */
  notePlatformUse(functionLogicalId: string, action: string): boolean;
}

export interface RoleSession {
  readonly functionName: string;
  readonly roleLogicalId: string;
}

interface Role {
  readonly logicalId: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Which grants speak about an action, found once per action. */
  readonly byAction: Map<string, readonly Grant[]>;
}

type Denial = PermissionReport['denied'][number];

/** Whose roles are checked; others (the one API Gateway writes logs with, say) are the platform's business and not reported. */
const PRINCIPALS = ['lambda.amazonaws.com', 'scheduler.amazonaws.com', 'events.amazonaws.com'];

export function createPermissions(stack: Stack): Permissions {
  const roles = rolesOf(stack);
  const denied = new Map<string, Denial>();
  /** Noted at every invocation, so looked up once per function and action. */
  const platformUses = new Map<string, boolean>();
  const always = {
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': stack.region,
    'aws:PrincipalAccount': stack.accountId,
  };

  const check = (caller: RoleSession, { action, resource, context }: Question): string | undefined => {
    const role = roles.get(caller.roleLogicalId);
    const decision =
      role === undefined
        ? 'not allowed'
        : decide(role, { action, resource, context: { ...always, ...context } });
    if (decision === 'allowed') return undefined;
    const { functionName } = caller;
    denied.set(`${functionName} ${action} ${resource}`, { functionName, action, resource });
    const user = `arn:aws:sts::${stack.accountId}:assumed-role/${role?.name ?? caller.roleLogicalId}/${functionName}`;
    return refusal(user, { action, resource, decision });
  };

  return {
    // The signature is that of the contract, `Authorize`.
    // oxlint-disable-next-line max-params
    authorize({ caller }, action, resource, context = {}) {
      return caller && check(caller, { action, resource, context });
    },
    authorizeRole: (caller, action, resource) => check(caller, { action, resource, context: {} }),
    notePlatformUse(functionLogicalId, action) {
      const key = `${functionLogicalId} ${action}`;
      let isGranted = platformUses.get(key);
      if (isGranted === undefined) {
        const role = roles.get(roleOfFunction(stack, functionLogicalId).logicalId);
        platformUses.set(key, (isGranted = exercise(role?.grants ?? [], action)));
      }
      return isGranted;
    },
    report: () => ({ ...summarise([...roles.values()]), denied: [...denied.values()] }),
  };
}

function rolesOf(stack: Stack): Map<string, Role> {
  const assumable = stack
    .ofType<RoleProperties>('AWS::IAM::Role')
    .filter((role) => PRINCIPALS.some((principal) => isAssumableBy(role, principal)));
  return new Map(
    assumable.map((role) => {
      const { logicalId, ref: name } = role;
      return [logicalId, { logicalId, name, grants: grantsOfRole(stack, role), byAction: new Map() }];
    }),
  );
}

function exercise(grants: readonly Grant[], action: string): boolean {
  const pattern = wildcard(action, 'i');
  const exercised = grants.filter(
    (grant) => grant.effect === 'Allow' && (pattern.test(grant.action) || grant.matchesAction(action)),
  );
  for (const grant of exercised) grant.used = true;
  return exercised.length > 0;
}

interface Question {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

type Decision = 'allowed' | 'not allowed' | 'explicitly denied';

function decide(role: Role, { action, resource, context }: Question): Decision {
  let candidates = role.byAction.get(action);
  if (candidates === undefined)
    role.byAction.set(action, (candidates = role.grants.filter((grant) => grant.matchesAction(action))));
  let decision: Decision = 'not allowed';
  for (const grant of candidates) {
    if (!grant.matchesResource(resource) || !grant.conditions.every((holds) => holds(context))) continue;
    grant.used = true;
    if (grant.effect === 'Deny') return 'explicitly denied';
    decision = 'allowed';
  }
  return decision;
}

/** IAM User Guide, "Troubleshoot access denied error messages". */
function refusal(
  user: string,
  { action, resource, decision }: { action: string; resource: string; decision: Decision },
): string {
  const why =
    decision === 'explicitly denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}

function summarise(roles: readonly Role[]): Pick<PermissionReport, 'used' | 'unused'> {
  const entries = new Map<string, { role: string; action: string; resource: string; used: boolean }>();
  for (const { logicalId: role, grants } of roles) {
    for (const { effect, action, resource, used } of grants) {
      if (effect === 'Deny') continue;
      const key = `${role} ${action} ${resource}`;
      entries.set(key, { role, action, resource, used: used || entries.get(key)?.used === true });
    }
  }
  const list = [...entries.values()];
  const only = (wanted: boolean) =>
    list
      .filter(({ used }) => used === wanted)
      .map(({ role, action, resource }) => ({ role, action, resource }));
  return { used: only(true), unused: only(false) };
}
