/** Resource-based policies of functions: who may invoke them, as AWS::Lambda::Permission says ("Viewing resource-based IAM policies in Lambda"). */
import type { InvokeSource, Resource, Stack } from '../types.ts';
import { arnPattern } from './wildcard.ts';

interface PermissionProperties {
  readonly FunctionName?: string;
  readonly Action?: string;
  readonly Principal?: string;
  readonly SourceArn?: string;
  readonly SourceAccount?: string;
}

type Rule = (source: InvokeSource) => boolean;

/** Asked for every invocation, so the permissions of a stack are compiled once. */
const compiled = new WeakMap<Stack, Map<string, readonly Rule[]>>();

/** False when no permission of the template lets `source` invoke the function. */
export function mayInvoke(stack: Stack, functionLogicalId: string, source: InvokeSource): boolean {
  let functions = compiled.get(stack);
  if (functions === undefined) compiled.set(stack, (functions = new Map()));
  let rules = functions.get(functionLogicalId);
  if (rules === undefined)
    functions.set(functionLogicalId, (rules = compile(stack, stack.get(functionLogicalId))));
  return rules.some((allows) => allows(source));
}

function compile(stack: Stack, fn: Resource | undefined): readonly Rule[] {
  if (fn === undefined) return [];
  const permissions = stack
    .ofType<PermissionProperties>('AWS::Lambda::Permission')
    .map(({ properties }) => properties);
  return permissions.filter((permission) => invokes(permission, fn)).map(rule);
}

function rule({ Principal, SourceArn, SourceAccount }: PermissionProperties): Rule {
  const fromSource = SourceArn === undefined ? () => true : arnPattern(SourceArn);
  return ({ principal, sourceArn }) =>
    (Principal === '*' || Principal === principal) &&
    (SourceAccount === undefined || sourceArn.split(':')[4] === SourceAccount) &&
    fromSource(sourceArn);
}

/** FunctionName may be a name, an ARN or a partial ARN (`123456789012:function:name`). */
function invokes({ Action, FunctionName }: PermissionProperties, fn: Resource): boolean {
  if (Action !== 'lambda:InvokeFunction' && Action !== 'lambda:*') return false;
  return (
    FunctionName !== undefined &&
    (FunctionName === fn.ref || FunctionName === fn.arn || fn.arn?.endsWith(`:${FunctionName}`) === true)
  );
}
