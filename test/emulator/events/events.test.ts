import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from 'vitest';
import { compilePattern } from '../../../emulator/events/pattern.ts';
import { OPERATOR_CREDENTIALS } from '../../../emulator/index.ts';
import { putEvents } from '../../support/put-events.ts';
import { DOORBELL, startSandbox, type Sandbox, type Seen, type Template } from '../apigateway/sandbox.ts';

let sandbox: Sandbox;
afterEach(() => sandbox?.close());

type Resources = Template['Resources'];
type Change = (resources: Resources) => void;
interface BusEvent extends Seen {
  readonly source?: string;
  readonly detail?: unknown;
}

const rule: Change = (resources) => {
  resources['Rule'] = {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'rule',
      EventPattern: { source: ['shop'], 'detail-type': ['order.paid'] },
      State: 'ENABLED',
      Targets: [{ Id: 'main', Arn: { 'Fn::GetAtt': ['Main', 'Arn'] } }],
    },
  };
};
const permission: Change = (resources) => {
  resources['MayInvoke'] = {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: 'Main' },
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
    },
  };
};
const deadLetters =
  (mayBury: boolean): Change =>
  (resources) => {
    const Arn = { 'Fn::GetAtt': ['Dead', 'Arn'] };
    resources['Dead'] = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } };
    const [target] = resources['Rule']!.Properties['Targets'] as object[];
    Object.assign(target!, { DeadLetterConfig: { Arn } });
    if (!mayBury) return;
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: Arn,
        Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['Rule', 'Arn'] } } },
      },
    ];
    resources['MayBury'] = {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: { Queues: [{ Ref: 'Dead' }], PolicyDocument: { Statement } },
    };
  };

const start = async (...changes: Change[]) => {
  sandbox = await startSandbox(
    {},
    ({ Resources }) => changes.forEach((change) => change(Resources)),
    DOORBELL,
  );
};
const put = (...entries: object[]) => putEvents(sandbox.emulator, entries);
const ORDER = { Source: 'shop', DetailType: 'order.paid', Detail: '{"order":7}' };
const isEvent = (event: Seen) => (event as BusEvent).source === 'shop';

describe('PutEvents', () => {
  test('hands an event to the function of the rule it matches', async () => {
    await start(rule, permission);
    const { FailedEntryCount, Entries } = await put(ORDER, { ...ORDER, Source: 'elsewhere' });
    expect([FailedEntryCount, Entries.length]).toEqual([0, 2]);
    expect(await sandbox.seen(isEvent)).toMatchObject({
      version: '0',
      id: Entries[0]!.EventId,
      source: 'shop',
      'detail-type': 'order.paid',
      account: '000000000000',
      region: 'us-east-1',
      resources: [],
      detail: { order: 7 },
    });
    while (sandbox.emulator.meter().pending > 0) await new Promise((resolve) => setImmediate(resolve));
    const { events, total } = sandbox.emulator.meter();
    expect(events['main event']).toMatchObject({ count: 1, lambdaInvocations: 1 });
    expect(total.busEvents).toBe(2);
  });

  test.each([
    [{ ...ORDER, Source: undefined }, 'InvalidArgument'],
    [{ ...ORDER, Detail: undefined }, 'InvalidArgument'],
    [{ ...ORDER, Detail: '{' }, 'MalformedDetail'],
    [{ ...ORDER, Detail: '[]' }, 'MalformedDetail'],
    [{ ...ORDER, Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
    [{ ...ORDER, EventBusName: 'other' }, 'ResourceNotFoundException'],
  ])('refuses %j alone', async (entry, ErrorCode) => {
    await start(rule, permission);
    const { FailedEntryCount, Entries } = await put(entry, ORDER);
    expect(FailedEntryCount).toBe(1);
    expect(Entries).toMatchObject([{ ErrorCode }, { EventId: expect.any(String) }]);
  });

  test.each([[[]], [Array.from({ length: 11 }, () => ORDER)]])(
    'refuses too few or too many entries',
    async (entries) => {
      await start(rule, permission);
      await expect(put(...entries)).rejects.toThrow('ValidationException');
    },
  );
});

describe('a rule whose target may not be called', () => {
  test('says so, and its event waits in the dead-letter queue', async () => {
    await start(rule, deadLetters(true));
    await put(ORDER);
    expect(sandbox.logs.find(({ source }) => source === 'events/rule')?.message).toMatch(
      /not authorized to perform: lambda:InvokeFunction.*rule\/rule/,
    );
    const client = new SQSClient({
      endpoint: sandbox.emulator.awsEndpoint,
      region: 'us-east-1',
      credentials: OPERATOR_CREDENTIALS,
    });
    const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/000000000000/dead';
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    client.destroy();
    expect(JSON.parse(Messages[0]!.Body!)).toMatchObject({ source: 'shop', detail: { order: 7 } });
    expect(Messages[0]!.MessageAttributes).toMatchObject({ ERROR_CODE: { StringValue: 'NO_PERMISSIONS' } });
  });

  test('loses its event when the queue does not let it in', async () => {
    await start(rule, deadLetters(false));
    await put(ORDER);
    expect(sandbox.logs.filter(({ source }) => source === 'events/rule').at(-1)?.message).toMatch(
      /event lost/,
    );
  });
});

describe('what is not emulated stops the start with an error that names the resource', () => {
  const set =
    (properties: object): Change =>
    (resources) =>
      Object.assign(resources['Rule']!.Properties, properties);
  test.each<[string, Change, RegExp]>([
    ['another bus', set({ EventBusName: 'mine' }), /"Rule".*default event bus/],
    ['a schedule besides', set({ ScheduleExpression: 'rate(1 hour)' }), /"Rule".*schedule/],
    [
      'a target that is no function',
      set({ Targets: [{ Id: 'x', Arn: 'arn:aws:sqs:x' }] }),
      /"Rule".*no Lambda/,
    ],
    [
      'a transformed input',
      set({ Targets: [{ Id: 'x', Arn: { 'Fn::GetAtt': ['Main', 'Arn'] }, InputPath: '$.detail' }] }),
      /"Rule".*InputPath/,
    ],
    [
      'a pattern with a comparison',
      set({ EventPattern: { detail: { n: [{ numeric: ['>', 1] }] } } }),
      /"Rule".*numeric/,
    ],
  ])('%s', async (_title, change, problem) => {
    await expect(start(rule, permission, change)).rejects.toThrow(problem);
  });
});

describe('a pattern', () => {
  const event = { source: 'shop', detail: { state: 'paid', amount: 7, tags: ['a', 'b'], none: null } };
  test.each<[object, boolean]>([
    [{ source: ['shop', 'other'] }, true],
    [{ source: ['Shop'] }, false],
    [{ detail: { state: ['paid'] } }, true],
    [{ detail: { state: ['paid'], amount: [8] } }, false],
    [{ detail: { amount: [7], none: [null] } }, true],
    [{ detail: { amount: ['7'] } }, false],
    [{ detail: { tags: ['x', 'b'] } }, true],
    [{ detail: { tags: ['x'] } }, false],
    [{ source: [{ prefix: 'sh' }] }, true],
    [{ source: [{ suffix: 'op' }] }, true],
    [{ source: [{ prefix: 'x' }, 'shop'] }, true],
    [{ missing: [{ exists: false }] }, true],
    [{ source: [{ exists: false }] }, false],
    [{ source: [{ 'anything-but': ['x', 'y'] }] }, true],
    [{ source: [{ 'anything-but': 'shop' }] }, false],
    [{ other: { source: ['shop'] } }, false],
  ])('%j: %s', (pattern, matches) => {
    expect(compilePattern(pattern)(event)).toBe(matches);
  });

  test.each([
    [{}],
    [{ source: 'shop' }],
    [{ source: [] }],
    [{ $or: [{ source: ['shop'] }] }],
    [{ source: [{ wildcard: '*' }] }],
    [{ source: [{ 'anything-but': { prefix: 'x' } }] }],
    [{ source: [{ prefix: { 'equals-ignore-case': 'x' } }] }],
  ])('%j is refused', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(/EventPattern/);
  });
});
