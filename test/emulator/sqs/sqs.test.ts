import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from 'vitest';
import { OPERATOR_CREDENTIALS } from '../../../emulator/index.ts';
import { DOORBELL, startSandbox, type Sandbox, type Seen, type Template } from '../apigateway/sandbox.ts';

let sandbox: Sandbox;
let client: SQSClient;
afterEach(async () => {
  client?.destroy();
  await sandbox?.close();
});

type Resources = Template['Resources'];
type Change = (resources: Resources) => void;

interface Record_ {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Record<string, string>;
}
type Batch = Seen & { readonly Records: readonly Record_[] };

/** A queue with a dead-letter queue, and the fixture's function behind it. */
const queues: Change = (resources) => {
  resources['Dead'] = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } };
  resources['Queue'] = {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: 'work',
      VisibilityTimeout: 60,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
    },
  };
  resources['Mapping'] = {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      FunctionName: { Ref: 'Main' },
      BatchSize: 10,
    },
  };
  grant('sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes')(resources);
};
const grant =
  (...Action: string[]): Change =>
  (resources) => {
    const Statement = [{ Effect: 'Allow', Action, Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] } }];
    const PolicyDocument = { Version: '2012-10-17', Statement };
    resources['Polls'] = {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'polls', PolicyDocument, Roles: [{ Ref: 'Role' }] },
    };
  };
const set =
  (id: string, properties: object): Change =>
  (resources) =>
    Object.assign(resources[id]!.Properties, properties);

async function start(...changes: Change[]): Promise<void> {
  sandbox = await startSandbox(
    {},
    ({ Resources }) => [queues, ...changes].forEach((change) => change(Resources)),
    DOORBELL,
  );
  client = new SQSClient({
    endpoint: sandbox.emulator.awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
    maxAttempts: 1,
  });
}

const url = (name: string) => `https://sqs.us-east-1.amazonaws.com/000000000000/${name}`;
const send = (body: object, DelaySeconds?: number, name = 'work') =>
  client.send(
    new SendMessageCommand({
      QueueUrl: url(name),
      MessageBody: JSON.stringify(body),
      ...(DelaySeconds !== undefined && { DelaySeconds }),
    }),
  );
const counts = async (name: string) => {
  const { Attributes: a = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url(name), AttributeNames: ['All'] }),
  );
  return [a['ApproximateNumberOfMessages'], a['ApproximateNumberOfMessagesNotVisible']];
};
const isBatch = (event: Seen): event is Batch => (event as Batch).Records !== undefined;
const bodies = (event: Seen) => (event as Batch).Records.map(({ body }) => JSON.parse(body) as object);
const settled = async () => {
  while (sandbox.emulator.meter().pending > 0) await new Promise((resolve) => setImmediate(resolve));
};
const batches = () => sandbox.count(isBatch);

describe('a message', () => {
  test('reaches the function of its queue as Lambda gives it, and is gone', async () => {
    await start();
    // The SDK compares MD5OfMessageBody with what it sent.
    const { MessageId, MD5OfMessageBody } = await send({ hello: 'world' });
    expect(MD5OfMessageBody).toBe('fbc24bcc7a1794758fc1327fcfebdaf6');
    const event = (await sandbox.seen(isBatch)) as Batch;
    expect(event.Records).toMatchObject([
      {
        messageId: MessageId,
        body: '{"hello":"world"}',
        md5OfBody: MD5OfMessageBody,
        attributes: { ApproximateReceiveCount: '1' },
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:work',
        awsRegion: 'us-east-1',
      },
    ]);
    await settled();
    expect(await counts('work')).toEqual(['0', '0']);
    const { events, total, cost } = sandbox.emulator.meter();
    expect(events['main sqs']).toMatchObject({ count: 1, lambdaInvocations: 1 });
    expect(total.queueRequests).toBe(2);
    expect(cost.parts['queueRequests']).toBeGreaterThan(0);
  });

  test('waits for its delay, by the emulated clock, and no longer', async () => {
    await start();
    await send({ n: 1 }, 900);
    await sandbox.emulator.advance(899_000);
    expect(batches()).toBe(0);
    await sandbox.emulator.advance(2_000);
    expect(batches()).toBe(1);
  });

  test('waits for the delay of its queue when it has none', async () => {
    await start(set('Queue', { DelaySeconds: 100 }));
    await send({ n: 1 });
    await sandbox.emulator.advance(99_000);
    expect(batches()).toBe(0);
    await sandbox.emulator.advance(2_000);
    expect(batches()).toBe(1);
  });

  test('comes once, whatever else is due', async () => {
    await start();
    for (const n of [1, 2, 3]) await send({ n }, 60);
    await sandbox.emulator.advance(61_000);
    const sizes = sandbox.logs.flatMap(({ fields }) => {
      const seen = fields?.['seen'] as Seen | undefined;
      return seen !== undefined && isBatch(seen) ? [seen.Records.length] : [];
    });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(3);
  });

  test('that is kept too long is forgotten', async () => {
    await start(set('Queue', { MessageRetentionPeriod: 60 }));
    await send({ n: 1 }, 120);
    await sandbox.emulator.advance(200_000);
    expect(batches()).toBe(0);
    expect(await counts('work')).toEqual(['0', '0']);
  });

  test.each([
    [901, 'DelaySeconds must be >= 0 and <= 900'],
    [-1, 'DelaySeconds must be >= 0 and <= 900'],
  ])('with a delay of %i s is refused', async (delay, problem) => {
    await start();
    await expect(send({ n: 1 }, delay)).rejects.toThrow(problem);
  });

  test('that is empty, too large, or for nobody is refused', async () => {
    await start(set('Queue', { MaximumMessageSize: 1024 }));
    const QueueUrl = url('work');
    await expect(client.send(new SendMessageCommand({ QueueUrl, MessageBody: '' }))).rejects.toMatchObject({
      name: 'MissingParameter',
    });
    await expect(send({ large: 'x'.repeat(1024) })).rejects.toThrow('shorter than 1024 bytes');
    await expect(send({}, 0, 'elsewhere')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });
});

describe('a message that was not handled', () => {
  test('is seen again after the visibility timeout, and ends in the dead-letter queue', async () => {
    await start(set('Main', { Handler: 'index.nothing' }));
    await send({ n: 1 });
    await settled();
    while ((await counts('work'))[1] !== '1') await settled();
    await sandbox.emulator.advance(61_000);
    await settled();
    expect(sandbox.emulator.meter().events['main sqs']?.count).toBe(2);
    expect(await counts('dead')).toEqual(['0', '0']);
    await sandbox.emulator.advance(61_000);
    expect(sandbox.emulator.meter().events['main sqs']?.count).toBe(2);
    expect(await counts('work')).toEqual(['0', '0']);
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: url('dead') }));
    expect(Messages).toMatchObject([{ Body: '{"n":1}' }]);
    expect(sandbox.logs.some(({ message }) => message.includes('1 of 1 messages were not handled'))).toBe(
      true,
    );
  });

  // The fixture returns the event it got: an object with `batchItemFailures` when a test put one there.
  test.each<[string, object, boolean]>([
    ['nothing is named', {}, true],
    ['no failure is named', { batchItemFailures: [] }, true],
    ['a stranger is named', { batchItemFailures: [{ itemIdentifier: 'x' }] }, false],
    ['an empty name is named', { batchItemFailures: [{ itemIdentifier: '' }] }, false],
    ['the list is none', { batchItemFailures: 'all' }, false],
  ])('partial batches: when %s', async (_title, answer, isDeleted) => {
    await start(set('Mapping', { FunctionResponseTypes: ['ReportBatchItemFailures'] }));
    await send({ answer });
    await sandbox.seen(isBatch);
    await settled();
    expect(await counts('work')).toEqual(['0', isDeleted ? '0' : '1']);
  });

  test('partial batches: those that are named stay', async () => {
    await start(set('Mapping', { FunctionResponseTypes: ['ReportBatchItemFailures'] }));
    await send({ fail: true }, 1);
    await send({ n: 2 }, 1);
    await sandbox.emulator.advance(2_000);
    await settled();
    expect(await counts('work')).toEqual(['0', '1']);
    await sandbox.emulator.advance(61_000);
    const last = sandbox.logs
      .map(({ fields }) => fields?.['seen'] as Seen | undefined)
      .findLast((seen) => seen && isBatch(seen));
    expect(bodies(last!)).toEqual([{ fail: true }]);
  });
});

describe('what a deployment would refuse stops the start', () => {
  test.each<[string, Change, RegExp]>([
    [
      'a role that may not receive',
      grant('sqs:DeleteMessage', 'sqs:GetQueueAttributes'),
      /"Mapping".*does not have permissions to call ReceiveMessage on SQS.*sqs:ReceiveMessage/,
    ],
    ['a role that may not delete', grant('sqs:ReceiveMessage'), /"Mapping".*call DeleteMessage on SQS/],
    [
      'a queue that is impatient',
      set('Queue', { VisibilityTimeout: 29 }),
      /"Mapping".*Queue visibility timeout: 29 seconds is less than Function timeout: 30 seconds/,
    ],
    ['a FIFO queue', set('Queue', { FifoQueue: true }), /"Queue".*FIFO/],
    ['a filter', set('Mapping', { FilterCriteria: {} }), /"Mapping".*FilterCriteria/],
    ['another source', set('Mapping', { EventSourceArn: 'arn:aws:kinesis:x' }), /"Mapping".*no queue/],
    [
      'a dead-letter queue elsewhere',
      set('Queue', { RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:x', maxReceiveCount: 1 } }),
      /"Queue".*not in the template/,
    ],
  ])('%s', async (_title, change, problem) => {
    await expect(start(change)).rejects.toThrow(problem);
  });
});

describe('a queue policy', () => {
  const policy =
    (...Statement: object[]): Change =>
    (resources) => {
      const PolicyDocument = { Version: '2012-10-17', Statement };
      resources['Policy'] = {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: { Queues: [{ Ref: 'Queue' }], PolicyDocument },
      };
    };
  const deny = (Condition?: object) => ({
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 'sqs:*',
    Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
    ...(Condition && { Condition }),
  });

  test('that denies requests without TLS lets others in', async () => {
    await start(policy(deny({ Bool: { 'aws:SecureTransport': 'false' } })));
    await send({ n: 1 });
    await sandbox.seen(isBatch);
  });

  test('that denies everything is heeded', async () => {
    await start(policy(deny()));
    await expect(send({ n: 1 })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('that lets roles in is refused: it would hide what their own policies lack', async () => {
    const statement = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sqs:*', Resource: '*' };
    await expect(start(policy(statement))).rejects.toThrow(/"Policy".*only services/);
  });
});
