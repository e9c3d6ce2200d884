import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { assembly, startCauseway } from '../support/causeway.ts';
import { evidence, LONG_LIVED, useEverything } from '../support/scenario.ts';
import { mutate, readTemplate, removeResource, type Template } from '../support/template.ts';

/*
 * The emulator is a judge: what the template does not grant, it does not give. Each test takes one thing out of the
 * synthesised template, runs everything, and expects a failure that names what is missing.
 */
interface Mutation {
  readonly title: string;
  /** Must appear in the failure. */
  readonly names: string;
  readonly change: (template: Template) => void;
}

const original = await assembly();
const template = await readTemplate(original);
const MUTATIONS = [...permissions(), ...routes(), ...variables(), ...invocations()];

describe('a template with one thing missing fails, and says what', () => {
  test('there is something to take out of every kind', () => {
    const kinds = new Set(MUTATIONS.map((mutation) => mutation.title.split(' ', 1).join('')));
    expect([...kinds].toSorted((a, b) => a.localeCompare(b))).toEqual([
      'invoke',
      'permission',
      'route',
      'variable',
    ]);
  });

  test.each(MUTATIONS)('$title', async ({ names, change }) => {
    const mutated = await mutate(original, change);
    try {
      expect(await failureOf(mutated)).toContain(names);
    } finally {
      await rm(mutated, { recursive: true, force: true });
    }
  });
});

async function failureOf(mutated: string): Promise<string> {
  const causeway = await startCauseway({ assembly: mutated, ...LONG_LIVED });
  try {
    await useEverything(causeway);
    return `nothing failed; the emulator saw: ${evidence(causeway)}`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await causeway.close();
  }
}

function ofType(type: string) {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** Every action of every statement, except logs: a function without log permissions runs, silently, on AWS too. */
function permissions(): Mutation[] {
  return ofType('AWS::IAM::Policy').flatMap(([id, policy]) =>
    (policy.Properties['PolicyDocument'].Statement as { Action: string | string[] }[]).flatMap(
      (statement, index) =>
        [statement.Action]
          .flat()
          .filter((action) => !action.startsWith('logs:'))
          .map((action) => ({
            title: `permission ${action} of ${id}`,
            names: action,
            change: (mutated: Template) => removeAction(mutated, { id, index, action }),
          })),
    ),
  );
}

function removeAction(mutated: Template, at: { id: string; index: number; action: string }): void {
  const statements = mutated.Resources[at.id]!.Properties['PolicyDocument'].Statement as {
    Action: string | string[];
  }[];
  const left = [statements[at.index]!.Action].flat().filter((action) => action !== at.action);
  if (left.length === 0) statements.splice(at.index, 1);
  else statements[at.index]!.Action = left;
  if (statements.length === 0) removeResource(mutated, at.id);
}

function routes(): Mutation[] {
  return ofType('AWS::ApiGatewayV2::Route').map(([id, route]) => {
    const key = route.Properties['RouteKey'] as string;
    return {
      title: `route ${key}`,
      names: isHttp(route.Properties['ApiId'].Ref as string) ? 'Not Found' : key,
      change: (mutated: Template) => {
        for (const [other, resource] of Object.entries(mutated.Resources)) {
          if (
            resource.Type === 'AWS::ApiGatewayV2::RouteResponse' &&
            resource.Properties['RouteId']?.Ref === id
          )
            removeResource(mutated, other);
        }
        removeResource(mutated, id);
      },
    };
  });
}

/** An HTTP API answers for a missing route itself; what it says is all a client can see on AWS too. */
function isHttp(apiId: string): boolean {
  return template.Resources[apiId]!.Properties['ProtocolType'] === 'HTTP';
}

function variables(): Mutation[] {
  return ofType('AWS::Lambda::Function').flatMap(([id, fn]) =>
    Object.keys((fn.Properties['Environment']?.Variables as object | undefined) ?? {}).map((name) => ({
      title: `variable ${name} of ${id}`,
      names: name,
      change: (mutated: Template) => {
        delete mutated.Resources[id]!.Properties['Environment'].Variables[name];
      },
    })),
  );
}

function invocations(): Mutation[] {
  return ofType('AWS::Lambda::Permission').map(([id]) => ({
    title: `invoke permission ${id}`,
    names: 'lambda:InvokeFunction',
    change: (mutated: Template) => removeResource(mutated, id),
  }));
}
