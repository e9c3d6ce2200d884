import { describe, expect, it } from 'vitest';
import { createPermissions } from '../../../emulator/iam/policies.ts';
import type { AwsRequest, Stack } from '../../../emulator/types.ts';
import { boardStack, type LooseTemplate } from '../assembly/assemblies.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/things';

/** The board with nothing but these statements on its role. */
function stackWith(...statements: object[]): Stack {
  return boardStack(({ Resources }) => {
    delete Resources['PostBack'];
    delete Resources['Board']!.DependsOn;
    Object.assign(Resources['BoardRole']!.Properties, {
      ManagedPolicyArns: [],
      Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: statements } }],
    });
  });
}

function requestOf(stack: Stack): AwsRequest {
  const functionName = stack.get('Board')?.ref ?? '';
  return {
    service: 'x',
    host: '',
    method: 'POST',
    path: '/',
    headers: {},
    body: Buffer.alloc(0),
    depth: 1,
    caller: { functionName, roleLogicalId: 'BoardRole' },
  };
}

type Context = Record<string, string | readonly string[]>;

function isAllowed(
  statements: object | object[],
  question: { action?: string; resource?: string; context?: Context } = {},
): boolean {
  const stack = stackWith(...[statements].flat());
  const { action = 'dynamodb:PutItem', resource = TABLE, context = {} } = question;
  return createPermissions(stack).authorize(requestOf(stack), action, resource, context) === undefined;
}

describe('a statement', () => {
  const allow = (rest: object) => ({ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: '*', ...rest });

  it.each([
    ['names the action', allow({}), true],
    ['names another action', allow({ Action: 'dynamodb:GetItem' }), false],
    ['names the action in another case', allow({ Action: 'DynamoDB:putitem' }), true],
    ['has a wildcard action', allow({ Action: ['s3:*', 'dynamodb:P*Item'] }), true],
    ['has a one-character wildcard', allow({ Action: 'dynamodb:PutIte?' }), true],
    ['excludes other actions', allow({ Action: undefined, NotAction: 'dynamodb:Delete*' }), true],
    ['excludes the action', allow({ Action: undefined, NotAction: ['dynamodb:Put*'] }), false],
    ['names the resource', allow({ Resource: TABLE }), true],
    ['names the resource in another case', allow({ Resource: TABLE.toUpperCase() }), false],
    ['has a wildcard resource', allow({ Resource: 'arn:aws:dynamodb:*:*:table/th*' }), true],
    ['names an index of the resource', allow({ Resource: `${TABLE}/index/*` }), false],
    ['takes a dot for a dot', allow({ Resource: TABLE.replace('things', 'thi.gs') }), false],
    ['excludes the resource', allow({ Resource: undefined, NotResource: TABLE }), false],
    ['denies what another allows', [allow({}), { Effect: 'Deny', Action: '*', Resource: TABLE }], false],
    ['denies something else', [allow({}), { Effect: 'Deny', Action: 's3:*', Resource: '*' }], true],
  ])('that %s', (_name, statements, expected) => {
    expect(isAllowed(statements)).toBe(expected);
  });
});

describe('a condition', () => {
  const LEADING = 'dynamodb:LeadingKeys';

  it.each<[string, object, Context, boolean]>([
    ['StringEquals', { [LEADING]: ['a', 'b'] }, { [LEADING]: 'b' }, true],
    ['StringEquals', { [LEADING]: 'a' }, { [LEADING]: 'b' }, false],
    ['StringEquals', { [LEADING]: 'a' }, {}, false],
    ['StringEqualsIfExists', { [LEADING]: 'a' }, {}, true],
    ['StringNotEquals', { [LEADING]: 'a' }, { [LEADING]: 'a' }, false],
    ['StringNotEquals', { [LEADING]: 'a' }, {}, true],
    ['StringLike', { [LEADING]: 'USER#*' }, { 'dynamodb:leadingkeys': 'USER#1' }, true],
    ['StringNotLike', { [LEADING]: 'USER#*' }, { [LEADING]: 'USER#1' }, false],
    ['ForAllValues:StringEquals', { [LEADING]: ['a', 'b'] }, { [LEADING]: ['a', 'b', 'a'] }, true],
    ['ForAllValues:StringEquals', { [LEADING]: ['a', 'b'] }, { [LEADING]: ['a', 'c'] }, false],
    ['ForAllValues:StringLike', { [LEADING]: ['a*'] }, {}, true],
    ['ForAnyValue:StringLike', { [LEADING]: ['a*'] }, { [LEADING]: ['b', 'ab'] }, true],
    ['ForAnyValue:StringLike', { [LEADING]: ['a*'] }, {}, false],
    ['Bool', { 'aws:SecureTransport': 'true' }, {}, true],
    ['Bool', { 'aws:SecureTransport': false }, {}, false],
    [
      'ArnLike',
      { 'aws:SourceArn': 'arn:aws:sns:*:1:a*' },
      { 'aws:SourceArn': 'arn:aws:sns:eu-west-1:1:abc' },
      true,
    ],
    [
      'ArnLike',
      { 'aws:SourceArn': 'arn:aws:*:1:a*' },
      { 'aws:SourceArn': 'arn:aws:sns:eu-west-1:1:abc' },
      false,
    ],
    ['Null', { [LEADING]: 'true' }, {}, true],
    ['Null', { [LEADING]: 'true' }, { [LEADING]: 'a' }, false],
  ])('%s %j of %j is %s', (...[operator, keys, context, expected]) => {
    expect(
      isAllowed(
        { Effect: 'Allow', Action: '*', Resource: '*', Condition: { [operator]: keys } },
        { context },
      ),
    ).toBe(expected);
  });

  it.each([
    [
      { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      'BoardRole: the emulator does not know the condition operator IpAddress',
    ],
    [
      { StringEquals: { 'dynamodb:Attributes': 'a' } },
      'BoardRole: the emulator does not support the condition key dynamodb:Attributes',
    ],
    [
      { StringEquals: { 'aws:PrincipalTag/x': '${aws:username}' } },
      'BoardRole: the emulator does not support policy variables',
    ],
  ])('it cannot judge stops the start: %j', (Condition, message) => {
    expect(() =>
      createPermissions(stackWith({ Effect: 'Allow', Action: '*', Resource: '*', Condition })),
    ).toThrow(message);
  });
});

describe('a refusal', () => {
  it('is worded as AWS words it', () => {
    const stack = stackWith();
    const { functionName = '' } = requestOf(stack).caller ?? {};
    const role = stack.get('BoardRole')?.ref;
    expect(createPermissions(stack).authorize(requestOf(stack), 'dynamodb:PutItem', TABLE)).toBe(
      `User: arn:aws:sts::000000000000:assumed-role/${role}/${functionName} is not authorized to perform: dynamodb:PutItem on resource: ${TABLE} because no identity-based policy allows the dynamodb:PutItem action`,
    );
  });

  it('says when the deny was explicit', () => {
    const stack = stackWith({ Effect: 'Deny', Action: '*', Resource: '*' });
    expect(createPermissions(stack).authorize(requestOf(stack), 'dynamodb:PutItem', TABLE)).toMatch(
      /on resource: \S+ with an explicit deny in an identity-based policy$/,
    );
  });

  it('never meets the operator', () => {
    const stack = stackWith({ Effect: 'Deny', Action: '*', Resource: '*' });
    const { caller: _caller, ...request } = requestOf(stack);
    expect(createPermissions(stack).authorize(request, 'dynamodb:PutItem', TABLE)).toBeUndefined();
  });
});

describe('the permission report', () => {
  it('sorts every permission of the template into used and unused, and lists what was refused', () => {
    const stack = boardStack();
    const permissions = createPermissions(stack);
    const posts = stack.get('Posts')?.arn ?? '';
    const { functionName = '' } = requestOf(stack).caller ?? {};
    permissions.authorize(requestOf(stack), 'dynamodb:Query', `${posts}/index/byAuthor`);
    permissions.authorize(requestOf(stack), 'dynamodb:DeleteItem', posts);
    permissions.notePlatformUse('Board', 'logs:PutLogEvents');
    const { used, unused, denied } = permissions.report();
    expect(used).toEqual([
      { role: 'BoardRole', action: 'dynamodb:Query', resource: `${posts}/index/*` },
      { role: 'BoardRole', action: 'logs:PutLogEvents', resource: '*' },
    ]);
    expect(unused).toContainEqual({ role: 'BoardRole', action: 'dynamodb:Query', resource: posts });
    expect(unused).toContainEqual({
      role: 'BoardRole',
      action: 'execute-api:ManageConnections',
      resource: expect.stringMatching(/\/live\/POST\/@connections\/\*$/),
    });
    expect(used.length + unused.length).toBe(12);
    expect(denied).toEqual([{ functionName, action: 'dynamodb:DeleteItem', resource: posts }]);
  });

  it('counts all that the platform does with a role at once', () => {
    const permissions = createPermissions(boardStack());
    expect(permissions.notePlatformUse('Board', 'logs:*')).toBe(true);
    expect(permissions.notePlatformUse('Board', 'xray:*')).toBe(false);
    expect(permissions.report().used.map(({ action }) => action)).toEqual([
      'logs:CreateLogGroup',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
  });

  it('leaves out roles that no function can assume', () => {
    const permissions = createPermissions(
      boardStack(({ Resources }) => {
        const Statement = [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'apigateway.amazonaws.com' } },
        ];
        const ManagedPolicyArns = [
          'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
        ];
        Resources['GatewayLogs'] = {
          Type: 'AWS::IAM::Role',
          Properties: { AssumeRolePolicyDocument: { Statement }, ManagedPolicyArns },
        };
      }),
    );
    expect(permissions.report().unused.map(({ role }) => role)).not.toContain('GatewayLogs');
  });
});

describe('a role the emulator cannot judge stops the start', () => {
  const change = (properties: object) => () =>
    createPermissions(
      boardStack(
        ({ Resources }: LooseTemplate) => void Object.assign(Resources['BoardRole']!.Properties, properties),
      ),
    );

  it('an unknown managed policy', () => {
    expect(change({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] })).toThrow(
      'BoardRole: the emulator does not know the managed policy arn:aws:iam::aws:policy/AdministratorAccess',
    );
  });

  it('a permissions boundary', () => {
    expect(change({ PermissionsBoundary: 'arn:aws:iam::1:policy/b' })).toThrow(
      'BoardRole: the emulator does not support permissions boundaries',
    );
  });
});

it('a managed policy of the template counts like an inline one', () => {
  const stack = boardStack(({ Resources }) => {
    const Statement = { Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: '*' };
    Resources['Extra'] = { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: { Statement } } };
    Resources['BoardRole']!.Properties.ManagedPolicyArns = [{ Ref: 'Extra' }];
  });
  expect(createPermissions(stack).authorize(requestOf(stack), 'dynamodb:UpdateItem', TABLE)).toBeUndefined();
});
