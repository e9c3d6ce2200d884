import { expect, test } from 'vitest';

import { FUNCTIONS, type FunctionName } from '../../lambdas/manifest/routes.ts';
import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';

/*
 * Least privilege, statement by statement. A function that needs more gets it in lib/function-access.ts, and here.
 */

const LOGS = ['own log group: logs:CreateLogStream logs:PutLogEvents'];
const SECRET = ['secret: secretsmanager:GetSecretValue'];
const POST = 'connections POST: execute-api:ManageConnections';
const DELETE = 'connections DELETE: execute-api:ManageConnections';

const EXPECTED: Readonly<Record<FunctionName, readonly string[]>> = {
  'native-authorizer': [...LOGS, ...SECRET],
  'native-connect': [...LOGS, table('PutItem', 'UpdateItem', 'DeleteItem')],
  'native-disconnect': [...LOGS, table('DeleteItem')],
  'native-message': [...LOGS, table('GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'), POST, DELETE],
  rest: [
    ...LOGS,
    table('GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...SECRET,
    POST,
  ],
};

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const template = templateOf();

test.each(Object.keys(FUNCTIONS) as FunctionName[])('%s may do exactly this', (name) => {
  expect(permissionsOf(name)).toEqual(EXPECTED[name].toSorted());
});

test('without the built-in issuer there is no secret and nobody may read one', () => {
  const external = templateOf({
    auth: { builtIn: false, issuers: [{ issuer: 'https://id.example.com', audience: 'chat' }] },
  });
  external.resourceCountIs('AWS::SecretsManager::Secret', 0);
  expect(JSON.stringify(external.toJSON())).not.toContain('secretsmanager:');
});

test('a function has a role of its own, which only Lambda may take, without managed policies', () => {
  const roles = (Object.keys(FUNCTIONS) as FunctionName[]).map(roleOf);
  expect(new Set(roles).size).toBe(roles.length);
  const resources = Object.fromEntries(resourcesOf(template, 'AWS::IAM::Role'));
  for (const role of roles) {
    const { Properties: p } = resources[role]!;
    expect(p['ManagedPolicyArns']).toBeUndefined();
    expect(p['AssumeRolePolicyDocument'].Statement).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
  }
});

test('no action is a wildcard, and no resource but the connections of a stage', () => {
  for (const [, { Properties: p }] of resourcesOf(template, 'AWS::IAM::Policy')) {
    for (const statement of p['PolicyDocument'].Statement as Statement[]) {
      expect(statement.Effect).toBe('Allow');
      for (const action of [statement.Action].flat()) expect(action).not.toContain('*');
      for (const resource of [statement.Resource].flat()) {
        const text = JSON.stringify(resource);
        if (text.includes('*')) expect(text).toMatch(/\/native\/(POST|DELETE)\/@connections\/\*"\]\]\}$/);
      }
    }
  }
});

function table(...actions: readonly string[]): string {
  return `table: ${actions
    .map((action) => `dynamodb:${action}`)
    .toSorted()
    .join(' ')}`;
}

function roleOf(name: FunctionName): string {
  return functionOf(template, name)[1].Properties['Role']['Fn::GetAtt'][0] as string;
}

/** `<resource>: <actions>` for each resource of each statement. */
function permissionsOf(name: FunctionName): readonly string[] {
  const role = roleOf(name);
  const policies = resourcesOf(template, 'AWS::IAM::Policy').filter(([, { Properties: p }]) =>
    (p['Roles'] as { Ref: string }[]).some(({ Ref }) => Ref === role),
  );
  return policies
    .flatMap(([, { Properties: p }]) => p['PolicyDocument'].Statement as Statement[])
    .flatMap((statement) => {
      expect(statement.Condition).toBeUndefined();
      const actions = [statement.Action].flat().toSorted().join(' ');
      return [statement.Resource].flat().map((resource) => `${kindOf(resource, name)}: ${actions}`);
    })
    .toSorted();
}

function kindOf(resource: unknown, name: FunctionName): string {
  const text = JSON.stringify(resource);
  const logGroup: string = functionOf(template, name)[1].Properties['LoggingConfig'].LogGroup.Ref;
  if (text === JSON.stringify({ 'Fn::GetAtt': [logGroup, 'Arn'] })) return 'own log group';
  const tableId = resourcesOf(template, 'AWS::DynamoDB::Table')[0]?.[0];
  if (text === JSON.stringify({ 'Fn::GetAtt': [tableId, 'Arn'] })) return 'table';
  const secretId = resourcesOf(template, 'AWS::SecretsManager::Secret')[0]?.[0];
  if (text === JSON.stringify({ Ref: secretId })) return 'secret';
  const method = /"\/native\/(POST|DELETE)\/@connections\/\*"\]\]\}$/.exec(text)?.[1];
  return method === undefined ? `unexpected resource ${text}` : `connections ${method}`;
}
