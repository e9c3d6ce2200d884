/** Resource-based policies of queues, AWS::SQS::QueuePolicy ("Basic overview of Amazon SQS policies", SQS Developer Guide). */
import type { Stack } from '../types.ts';
import { compileConditions, type Condition, type Context } from './conditions.ts';
import { wildcard } from './wildcard.ts';

export interface QueueQuestion {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

export interface QueuePolicy {
  /** Whether a statement denies it, whoever asks. */
  refuses(question: QueueQuestion): boolean;
  /** Whether a service may do it. */
  admits(servicePrincipal: string, question: QueueQuestion): boolean;
}

interface Statement {
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: unknown;
}

interface QueuePolicyProperties {
  readonly Queues?: readonly string[];
  readonly PolicyDocument?: { readonly Statement?: Statement | readonly Statement[] };
}

interface Compiled {
  readonly isAllow: boolean;
  readonly services: readonly string[];
  readonly holds: (question: QueueQuestion) => boolean;
}

/** By URL of the queue. Throws for statements whose principals this emulator can't tell apart. */
export function readQueuePolicies(stack: Stack): ReadonlyMap<string, QueuePolicy> {
  const byUrl = new Map<string, Compiled[]>();
  for (const { logicalId, properties } of stack.ofType<QueuePolicyProperties>('AWS::SQS::QueuePolicy')) {
    const statements = [properties.PolicyDocument?.Statement ?? []].flat() as readonly Statement[];
    const compiled = statements.map((statement) =>
      compile(statement, `AWS::SQS::QueuePolicy "${logicalId}"`),
    );
    for (const url of properties.Queues ?? []) byUrl.set(url, [...(byUrl.get(url) ?? []), ...compiled]);
  }
  return new Map([...byUrl].map(([url, statements]) => [url, policyOf(statements)]));
}

function policyOf(statements: readonly Compiled[]): QueuePolicy {
  const refuses = (question: QueueQuestion) =>
    statements.some(({ isAllow, holds }) => !isAllow && holds(question));
  return {
    refuses,
    admits: (service, question) =>
      !refuses(question) &&
      statements.some(
        ({ isAllow, services, holds }) => isAllow && services.includes(service) && holds(question),
      ),
  };
}

function compile(statement: Statement, where: string): Compiled {
  const isAllow = statement.Effect === 'Allow';
  const services = [
    (statement.Principal as { Service?: string | string[] } | undefined)?.Service ?? [],
  ].flat();
  // The functions of a template are let in by their roles; a queue that lets somebody in besides would hide a missing one.
  if (isAllow && services.length === 0)
    throw new Error(`${where}: only services are emulated as principals of an Allow`);
  if (!isAllow && !isEverybody(statement.Principal))
    throw new Error(`${where}: only "*" is emulated as principal of a Deny`);
  const actions = [statement.Action ?? []].flat().map((action) => wildcard(action, 'i'));
  const resources = [statement.Resource ?? []].flat().map((resource) => wildcard(resource));
  const conditions: readonly Condition[] = compileConditions(statement.Condition, where);
  return {
    isAllow,
    services,
    holds: ({ action, resource, context }) =>
      actions.some((pattern) => pattern.test(action)) &&
      resources.some((pattern) => pattern.test(resource)) &&
      conditions.every((condition) => condition({ 'aws:SecureTransport': 'true', ...context })),
  };
}

function isEverybody(principal: unknown): boolean {
  return principal === '*' || (principal as { AWS?: unknown } | undefined)?.AWS === '*';
}
