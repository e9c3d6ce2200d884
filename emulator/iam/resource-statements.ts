/** Statements of a resource-based policy that is written as a document: like those of a role, and each names its principals. */
import type { Context } from './conditions.ts';
import { compileDocument } from './grants.ts';

export interface AccessRequest {
  /** A service principal; undefined for an anonymous request. */
  readonly principal: string | undefined;
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

export interface ResourceStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly applies: (request: AccessRequest) => boolean;
}

type Principal = '*' | Readonly<Record<string, string | readonly string[]>>;

export function compileStatements(document: unknown, where: string): readonly ResourceStatement[] {
  const statements = [(document as { Statement?: unknown } | undefined)?.Statement ?? []].flat();
  return statements.flatMap((statement) => {
    const isMeant = principals((statement as { Principal?: Principal }).Principal);
    return compileDocument({ Statement: statement }, where).map((grant) => ({
      effect: grant.effect,
      applies: ({ principal, action, resource, context }: AccessRequest) =>
        isMeant(principal) &&
        grant.matchesAction(action) &&
        grant.matchesResource(resource) &&
        grant.conditions.every((holds) => holds(context)),
    }));
  });
}

/** "AWS JSON policy elements: Principal": `"*"` and `{"AWS": "*"}` mean everyone, anonymous ones included. */
function principals(principal: Principal | undefined): (actual: string | undefined) => boolean {
  if (principal === undefined) return () => false;
  if (principal === '*' || [principal['AWS'] ?? []].flat().includes('*')) return () => true;
  const services = [principal['Service'] ?? []].flat();
  return (actual) => actual !== undefined && services.includes(actual);
}
