import { wildcard } from '../../iam/wildcard.ts';

export type Policy =
  | { readonly kind: 'allow'; readonly context: Readonly<Record<string, string>> }
  | { readonly kind: 'deny' }
  | { readonly kind: 'invalid'; readonly why: string };

/** "Authorizer result size: 8 KB" (API Gateway quotas). */
const MAXIMUM_RESULT_BYTES = 8 * 1024;

interface Statement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
}

/** Reads `{ principalId, policyDocument, context? }` (AWS: "Output from an API Gateway Lambda authorizer"). */
export function readPolicy(result: unknown, methodArn: string): Policy {
  if (typeof result !== 'object' || result === null) return { kind: 'invalid', why: 'is not an object' };
  if (Buffer.byteLength(JSON.stringify(result)) > MAXIMUM_RESULT_BYTES)
    return { kind: 'invalid', why: 'is larger than 8 KB' };
  const { principalId, policyDocument, context } = result as Record<string, unknown>;
  if (typeof principalId !== 'string') return { kind: 'invalid', why: 'has no principalId' };
  const statements = (policyDocument as { Statement?: unknown } | undefined)?.Statement;
  if (statements === undefined || statements === null)
    return { kind: 'invalid', why: 'has no policyDocument.Statement' };
  const strings = stringValues(context ?? {});
  if (strings === undefined)
    return { kind: 'invalid', why: 'has a context value that is no string, number or boolean' };
  const matching = ([statements].flat() as Statement[]).filter((statement) => applies(statement, methodArn));
  const denied = matching.some((statement) => statement.Effect === 'Deny');
  const allowed = matching.some((statement) => statement.Effect === 'Allow');
  return allowed && !denied ? { kind: 'allow', context: { principalId, ...strings } } : { kind: 'deny' };
}

/** Context reaches the functions as strings, whatever the authorizer gave. */
function stringValues(context: unknown): Record<string, string> | undefined {
  if (typeof context !== 'object' || context === null || Array.isArray(context)) return undefined;
  const entries = Object.entries(context);
  if (entries.some(([, value]) => !['string', 'number', 'boolean'].includes(typeof value))) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function applies(statement: Statement, methodArn: string): boolean {
  return matches(statement.Action, 'execute-api:Invoke', 'i') && matches(statement.Resource, methodArn, '');
}

function matches(patterns: unknown, text: string, flags: '' | 'i'): boolean {
  return [patterns]
    .flat()
    .some((pattern) => typeof pattern === 'string' && wildcard(pattern, flags).test(text));
}
