import { expect, test } from 'vitest';

import { FUNCTIONS, type FunctionName } from '../../lambdas/manifest/routes.ts';
import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';

/*
 * Least privilege, statement by statement. A function that needs more gets it in lib/function-access.ts, and here.
 */

const LOGS = ['own log group: logs:CreateLogStream logs:PutLogEvents'];
const SECRET = ['secret: secretsmanager:GetSecretValue'];
const POST = connections('native/POST');
const DELETE = connections('native/DELETE');
const SOCKETIO_POST = connections('socketio/POST');
const SOCKETIO_DELETE = connections('socketio/DELETE');

const FAN_OUT = 'function fan-out: lambda:InvokeFunction';
const FAILED = 'failed events: sqs:SendMessage';

/** Whoever runs the application on the Socket.IO server. */
const SERVER = [
  ...LOGS,
  table('GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
  SOCKETIO_POST,
  SOCKETIO_DELETE,
  POST,
  DELETE,
  'queue: sqs:SendMessage',
];

const EXPECTED: Readonly<Record<FunctionName, readonly string[]>> = {
  'native-authorizer': [...LOGS, ...SECRET],
  'native-connect': [
    ...LOGS,
    table('PutItem', 'UpdateItem', 'DeleteItem', 'Query'),
    'queue: sqs:SendMessage',
  ],
  'native-disconnect': [...LOGS, table('DeleteItem'), 'queue: sqs:SendMessage'],
  'native-message': [
    ...LOGS,
    table('GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
    POST,
    DELETE,
    SOCKETIO_POST,
    SOCKETIO_DELETE,
    FAN_OUT,
  ],
  rest: [
    ...LOGS,
    table('GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...SECRET,
    POST,
    DELETE,
    SOCKETIO_POST,
    SOCKETIO_DELETE,
    FAN_OUT,
  ],
  socketio: [...SERVER, ...SECRET, FAN_OUT, 'function socketio-open: lambda:InvokeFunction'],
  'socketio-open': [...LOGS, SOCKETIO_POST],
  polling: [...SERVER, ...SECRET, FAN_OUT],
  sweep: [...SERVER, connections('native/GET')],
  notify: [
    ...LOGS,
    table('BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
    POST,
    DELETE,
    SOCKETIO_POST,
    SOCKETIO_DELETE,
    FAN_OUT,
    FAILED,
  ],
  'fan-out': [
    ...LOGS,
    table('GetItem', 'Query', 'UpdateItem', 'DeleteItem'),
    POST,
    DELETE,
    SOCKETIO_POST,
    SOCKETIO_DELETE,
    FAN_OUT,
    FAILED,
  ],
  later: [
    ...LOGS,
    table('GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
    POST,
    connections('native/GET'),
    SOCKETIO_POST,
    'queue: sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage sqs:SendMessage',
  ],
};

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const CONNECTIONS = /\{"Ref":"(\w+)"\},"\/(\w+\/(?:POST|GET|DELETE))\/@connections\/\*"\]\]\}$/;
// What copies the page is aws-cdk-lib's; site.test.ts has its bucket.
const template = templateOf({ page: false });

test.each(NAMES)('%s may do exactly this', (name) => {
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
  const roles = NAMES.map(roleOf);
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

test('the schedule may invoke the sweep and nothing else, for this account only', () => {
  const [scheduleRole, role] = resourcesOf(template, 'AWS::IAM::Role').find(([, { Properties: p }]) =>
    JSON.stringify(p['AssumeRolePolicyDocument']).includes('scheduler.amazonaws.com'),
  )!;
  expect(role.Properties['AssumeRolePolicyDocument'].Statement).toEqual([
    {
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      Effect: 'Allow',
      Principal: { Service: 'scheduler.amazonaws.com' },
    },
  ]);
  const policies = policiesOf(scheduleRole);
  expect(policies).toHaveLength(1);
  expect(policies[0]!['PolicyDocument'].Statement).toEqual([
    {
      Action: 'lambda:InvokeFunction',
      Effect: 'Allow',
      Resource: { 'Fn::GetAtt': [functionOf(template, 'sweep')[0], 'Arn'] },
    },
  ]);
});

test('no action is a wildcard, and no resource but the connections of a stage', () => {
  for (const [, { Properties: p }] of resourcesOf(template, 'AWS::IAM::Policy')) {
    for (const statement of p['PolicyDocument'].Statement as Statement[]) {
      expect(statement.Effect).toBe('Allow');
      for (const action of [statement.Action].flat()) expect(action).not.toContain('*');
      for (const resource of [statement.Resource].flat()) {
        const text = JSON.stringify(resource);
        if (text.includes('*')) expect(text).toMatch(CONNECTIONS);
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

function connections(path: string): string {
  return `connections ${path}: execute-api:ManageConnections`;
}

function policiesOf(role: string) {
  return resourcesOf(template, 'AWS::IAM::Policy')
    .map(([, { Properties: p }]) => p)
    .filter((p) => (p['Roles'] as { Ref: string }[]).some(({ Ref }) => Ref === role));
}

function roleOf(name: FunctionName): string {
  return functionOf(template, name)[1].Properties['Role']['Fn::GetAtt'][0] as string;
}

/** `<resource>: <actions>` for each resource of each statement. */
function permissionsOf(name: FunctionName): readonly string[] {
  return policiesOf(roleOf(name))
    .flatMap((p) => p['PolicyDocument'].Statement as Statement[])
    .flatMap((statement) => {
      expect(statement.Condition).toBeUndefined();
      const actions = [statement.Action].flat().toSorted().join(' ');
      return [statement.Resource].flat().map((resource) => `${kindOf(resource, name)}: ${actions}`);
    })
    .toSorted();
}

function stageOf(api: string): string {
  const stage = resourcesOf(template, 'AWS::ApiGatewayV2::Stage').find(
    ([, { Properties: p }]) => p['ApiId'].Ref === api,
  );
  return stage?.[1].Properties['StageName'] as string;
}

function kindOf(resource: unknown, name: FunctionName): string {
  const text = JSON.stringify(resource);
  const logGroup: string = functionOf(template, name)[1].Properties['LoggingConfig'].LogGroup.Ref;
  if (text === JSON.stringify({ 'Fn::GetAtt': [logGroup, 'Arn'] })) return 'own log group';
  const tableId = resourcesOf(template, 'AWS::DynamoDB::Table')[0]?.[0];
  if (text === JSON.stringify({ 'Fn::GetAtt': [tableId, 'Arn'] })) return 'table';
  const secretId = resourcesOf(template, 'AWS::SecretsManager::Secret')[0]?.[0];
  if (text === JSON.stringify({ Ref: secretId })) return 'secret';
  const consumed = resourcesOf(template, 'AWS::Lambda::EventSourceMapping')[0]?.[1].Properties;
  if (text === JSON.stringify(consumed?.['EventSourceArn'])) return 'queue';
  const [failed] = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').flatMap(
    ([, { Properties: p }]) => p['DestinationConfig']?.OnFailure.Destination ?? [],
  );
  if (text === JSON.stringify(failed)) return 'failed events';
  const other = NAMES.find(
    (each) => text === JSON.stringify({ 'Fn::GetAtt': [functionOf(template, each)[0], 'Arn'] }),
  );
  if (other !== undefined) return `function ${other}`;
  const [, api, path] = CONNECTIONS.exec(text) ?? [];
  // Each API has one stage; a stage of the other one would be a mistake.
  if (api === undefined || !path?.startsWith(stageOf(api))) return `unexpected resource ${text}`;
  return `connections ${path}`;
}
