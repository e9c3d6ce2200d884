import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boardStack } from '../assembly/assemblies.ts';
import { type Aws, CALM, startAws } from './aws.ts';

let aws: Aws;
let posts: string;
const CONNECTIONS = 'board-connections';

beforeEach(async () => {
  aws = await startAws();
  posts = aws.stack.get('Posts')?.ref ?? '';
});
afterEach(() => aws.close());

const post = (at: number, rest: object = {}) => ({ board: { S: 'b' }, at: { N: String(at) }, ...rest });
const put = (at: number, rest: object = {}) => new PutItemCommand({ TableName: posts, Item: post(at, rest) });
const onBoard = { KeyConditionExpression: 'board = :b', ExpressionAttributeValues: { ':b': { S: 'b' } } };

describe('the tables of the template', () => {
  it('exist with their keys and indexes, ready at once', async () => {
    const { Table } = await aws.database().send(new DescribeTableCommand({ TableName: posts }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: aws.stack.get('Posts')?.arn,
      GlobalSecondaryIndexes: [{ IndexName: 'byAuthor', IndexStatus: 'ACTIVE' }],
    });
    const { TimeToLiveDescription } = await aws
      .database()
      .send(new DescribeTimeToLiveCommand({ TableName: posts }));
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
  });

  it('keep what is put, in the order of the sort key, by name or ARN', async () => {
    const database = aws.database();
    for (const at of [3, 1, 2]) await database.send(put(at, { author: { S: 'ann' } }));
    const { Items } = await database.send(
      new QueryCommand({
        TableName: aws.stack.get('Posts')?.arn,
        ...onBoard,
        ScanIndexForward: false,
        Limit: 2,
      }),
    );
    expect(Items?.map(({ at }) => at?.N)).toEqual(['3', '2']);
    const byAuthor = await database.send(
      new QueryCommand({
        TableName: posts,
        IndexName: 'byAuthor',
        KeyConditionExpression: 'author = :a',
        ExpressionAttributeValues: { ':a': { S: 'ann' } },
      }),
    );
    expect(byAuthor.Count).toBe(3);
  });

  it('are all there is: another table is not found', async () => {
    const error = await aws
      .database()
      .send(new GetItemCommand({ TableName: 'other', Key: { id: { S: 'x' } } }))
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('lack an index that the template lacks', async () => {
    await aws.close();
    aws = await startAws({
      stack: boardStack(({ Resources }) => {
        const { Properties } = Resources['Posts']!;
        delete Properties.GlobalSecondaryIndexes;
        Properties.AttributeDefinitions.pop();
      }),
    });
    const query = new QueryCommand({
      TableName: aws.stack.get('Posts')?.ref,
      IndexName: 'byAuthor',
      KeyConditionExpression: 'author = :a',
      ExpressionAttributeValues: { ':a': { S: 'a' } },
    });
    await expect(aws.database().send(query)).rejects.toThrow(
      'The table does not have the specified index: byAuthor',
    );
  });
});

describe('a global table, as TableV2 makes it', () => {
  it('is a table like any other', async () => {
    await aws.close();
    const stack = boardStack(({ Resources }) => {
      const { Properties } = Resources['Posts']!;
      Resources['Posts'] = {
        Type: 'AWS::DynamoDB::GlobalTable',
        Properties: {
          ...Properties,
          Replicas: [{ Region: { Ref: 'AWS::Region' }, GlobalSecondaryIndexes: [{ IndexName: 'byAuthor' }] }],
        },
      };
    });
    aws = await startAws({ stack });
    await aws.database().send(put(1));
    expect((await aws.database().send(new ScanCommand({ TableName: posts }))).Count).toBe(1);
  });
});

describe('requests of a function', () => {
  it('pass when its role allows them', async () => {
    await aws.database('function').send(put(1));
    expect(aws.permissions.report().used).toContainEqual({
      role: 'BoardRole',
      action: 'dynamodb:PutItem',
      resource: aws.stack.get('Posts')?.arn,
    });
  });

  it('are refused as AWS refuses them when it does not, and nothing happens', async () => {
    await aws.database().send(put(1));
    const error = await aws
      .database('function')
      .send(new DeleteItemCommand({ TableName: posts, Key: post(1) }))
      .catch((caught: unknown) => caught);
    const { arn: table } = aws.stack.get('Posts') ?? {};
    const user = `arn:aws:sts::000000000000:assumed-role/${aws.stack.get('BoardRole')?.ref}/${aws.stack.get('Board')?.ref}`;
    expect(error).toMatchObject({
      name: 'AccessDeniedException',
      message: `User: ${user} is not authorized to perform: dynamodb:DeleteItem on resource: ${table} because no identity-based policy allows the dynamodb:DeleteItem action`,
      $metadata: { httpStatusCode: 400 },
    });
    expect(aws.calls.at(-1)).toMatchObject({
      operation: 'dynamodb:DeleteItem',
      outcome: 'AccessDeniedException',
      writeUnits: 0,
    });
    expect((await aws.database().send(new ScanCommand({ TableName: posts }))).Count).toBe(1);
  });

  it('are refused on an index when only the table is allowed', async () => {
    await aws.close();
    aws = await startAws({
      stack: boardStack(({ Resources }) =>
        Resources['BoardRole']!.Properties.Policies[0].PolicyDocument.Statement.splice(1, 1),
      ),
    });
    const query = new QueryCommand({
      TableName: posts,
      IndexName: 'byAuthor',
      KeyConditionExpression: 'author = :a',
      ExpressionAttributeValues: { ':a': { S: 'a' } },
    });
    await expect(aws.database('function').send(query)).rejects.toThrow(
      /dynamodb:Query on resource: \S+\/index\/byAuthor because/,
    );
  });

  it('are refused as a batch when one of its tables is not allowed', async () => {
    const write = { PutRequest: { Item: { id: { S: 'c' } } } };
    const batch = new BatchWriteItemCommand({
      RequestItems: { [posts]: [{ PutRequest: { Item: post(1) } }], [CONNECTIONS]: [write] },
    });
    await expect(aws.database('function').send(batch)).rejects.toThrow(
      /dynamodb:BatchWriteItem on resource: \S+table\/board-connections because/,
    );
    expect((await aws.database().send(new ScanCommand({ TableName: posts }))).Count).toBe(0);
  });

  it('see conditions on dynamodb:LeadingKeys', async () => {
    await aws.close();
    const stack = boardStack(({ Resources }) => {
      const [statement] = Resources['BoardRole']!.Properties.Policies[0].PolicyDocument.Statement;
      statement.Condition = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['b'] } };
    });
    aws = await startAws({ stack });
    const database = aws.database('function');
    await database.send(put(1));
    await database.send(new QueryCommand({ TableName: posts, ...onBoard }));
    await expect(
      database.send(new PutItemCommand({ TableName: posts, Item: { ...post(1), board: { S: 'c' } } })),
    ).rejects.toThrow('not authorized');
    await expect(
      database.send(
        new QueryCommand({ TableName: posts, ...onBoard, ExpressionAttributeValues: { ':b': { S: 'c' } } }),
      ),
    ).rejects.toThrow('not authorized');
    await expect(
      database.send(
        new BatchWriteItemCommand({
          RequestItems: { [posts]: [{ DeleteRequest: { Key: { ...post(1), board: { S: 'c' } } } }] },
        }),
      ),
    ).rejects.toThrow('not authorized');
  });
});

describe('what the emulator cannot do is refused loudly', () => {
  it.each([
    [
      'TransactWriteItems',
      () => new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: posts, Item: post(1) } }] }),
    ],
    [
      'CreateTable',
      () =>
        new CreateTableCommand({
          TableName: 'new',
          KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'S' }],
        }),
    ],
  ])('%s', async (name, command) => {
    const error = await aws
      .database()
      .send(command() as TransactWriteItemsCommand)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'UnknownOperationException',
      message: `The emulator's DynamoDB does not support ${name}`,
    });
  });

  it('an item above 400 KB, in the words of DynamoDB', async () => {
    await expect(aws.database().send(put(1, { text: { S: 'x'.repeat(410_000) } }))).rejects.toThrow(
      'Item size has exceeded the maximum allowed size',
    );
  });
});

describe('time to live', () => {
  const HOUR = 3_600_000;
  const count = async () =>
    (
      await new DynamoDBClient({ ...aws.as('operator'), maxAttempts: 2 }).send(
        new ScanCommand({ TableName: posts }),
      )
    ).Count;

  it('deletes expired items two days late, and only those', async () => {
    const now = Math.floor(aws.clock.now() / 1000);
    await aws.database().send(put(1, { expires: { N: String(now + 60) } }));
    await aws.database().send(put(2, { expires: { N: String(now + 30 * 86_400) } }));
    await aws.database().send(put(3, { expires: { S: String(now) } }));
    await aws.database().send(put(4, { expires: { N: String(now - 6 * 365 * 86_400) } }));
    await aws.database().send(put(5));
    aws.clock.advance(47 * HOUR);
    await expect.poll(count).toBe(5);
    aws.clock.advance(2 * HOUR);
    await expect.poll(count).toBe(4);
    aws.clock.advance(60 * 24 * HOUR);
    await expect.poll(count).toBe(3);
  });
});

describe('chaos', () => {
  it('throttles as DynamoDB does, and nothing is written', async () => {
    await aws.close();
    aws = await startAws({
      chaos: { ...CALM, strikes: (fault) => fault === 'throttle-dynamodb' && aws?.calls.length === 0 },
    });
    const error = await aws
      .database()
      .send(put(1))
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ProvisionedThroughputExceededException', $fault: 'client' });
    expect((await aws.database().send(new ScanCommand({ TableName: posts }))).Count).toBe(0);
  });
});
