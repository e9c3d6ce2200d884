import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Aws, startAws } from './aws.ts';

let aws: Aws;
let posts: string;

beforeEach(async () => {
  aws = await startAws();
  posts = aws.stack.get('Posts')?.ref ?? '';
});
afterEach(() => aws.close());

const post = (at: number, rest: object = {}) => ({ board: { S: 'b' }, at: { N: String(at) }, ...rest });
const put = (at: number, rest: object = {}) => new PutItemCommand({ TableName: posts, Item: post(at, rest) });
const onBoard = { KeyConditionExpression: 'board = :b', ExpressionAttributeValues: { ':b': { S: 'b' } } };

/** Read and write units of the last call. */
function lastUnits(): [number, number] {
  const { readUnits, writeUnits } = aws.calls.at(-1) ?? { readUnits: NaN, writeUnits: NaN };
  return [readUnits, writeUnits];
}

describe('a failed condition', () => {
  const claim = (extra: object = {}) =>
    new PutItemCommand({
      TableName: posts,
      Item: post(1, { text: { S: 'second' } }),
      ConditionExpression: 'attribute_not_exists(board)',
      ...extra,
    });

  it('shows the item that was in the way, if asked', async () => {
    await aws.database().send(put(1, { text: { S: 'first' } }));
    const plain = await aws
      .database()
      .send(claim())
      .catch((caught: unknown) => caught);
    expect(plain).toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
    });
    expect(plain).not.toHaveProperty('Item.text');
    const shown = await aws
      .database()
      .send(claim({ ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }))
      .catch((caught: unknown) => caught);
    expect(shown).toMatchObject({ name: 'ConditionalCheckFailedException', Item: { text: { S: 'first' } } });
  });

  it('costs the write units of the larger item', async () => {
    await aws.database().send(put(1, { text: { S: 'x'.repeat(2000) } }));
    await aws
      .database()
      .send(claim())
      .catch(() => {});
    expect(aws.calls.at(-1)).toMatchObject({
      outcome: 'ConditionalCheckFailedException',
      writeUnits: 2,
      readUnits: 0,
    });
  });
});

describe('capacity', () => {
  it.each([
    ['a small item', { text: { S: 'x' } }, 1],
    ['just over a kilobyte', { text: { S: 'x'.repeat(1024) } }, 2],
    ['bytes, not characters', { text: { S: 'é'.repeat(600) } }, 2],
    ['an index entry', { author: { S: 'ann' } }, 2],
    ['only keys in the index', { author: { S: 'ann' }, text: { S: 'x'.repeat(3000) } }, 4],
  ])('of writing %s', async (_name, rest, expected) => {
    await aws.database().send(put(1, rest));
    expect(lastUnits()).toEqual([0, expected]);
  });

  it('of changing an index key is two index writes, of leaving it alone none', async () => {
    await aws.database().send(put(1, { author: { S: 'ann' } }));
    const update = (expression: string, value: string) =>
      aws.database().send(
        new UpdateItemCommand({
          TableName: posts,
          Key: post(1),
          UpdateExpression: `SET ${expression} = :v`,
          ExpressionAttributeValues: { ':v': { S: value } },
        }),
      );
    await update('body', 'x');
    expect(lastUnits()).toEqual([0, 1]);
    await update('author', 'bob');
    expect(lastUnits()).toEqual([0, 3]);
    await aws.database().send(new DeleteItemCommand({ TableName: posts, Key: post(1) }));
    expect(lastUnits()).toEqual([0, 2]);
    await aws.database().send(new DeleteItemCommand({ TableName: posts, Key: post(1) }));
    expect(lastUnits()).toEqual([0, 1]);
  });

  it('of reads is half a unit per 4 KB, one when consistent, and never nothing', async () => {
    const database = aws.database();
    await database.send(new GetItemCommand({ TableName: posts, Key: post(1) }));
    expect(lastUnits()).toEqual([0.5, 0]);
    await database.send(new QueryCommand({ TableName: posts, ...onBoard, ConsistentRead: true }));
    expect(lastUnits()).toEqual([1, 0]);
    for (const at of [1, 2, 3]) await database.send(put(at, { text: { S: 'x'.repeat(2000) } }));
    await database.send(new QueryCommand({ TableName: posts, ...onBoard }));
    expect(lastUnits()).toEqual([1, 0]);
    await database.send(new BatchGetItemCommand({ RequestItems: { [posts]: { Keys: [post(1), post(9)] } } }));
    expect(lastUnits()).toEqual([1, 0]);
  });

  it('is in the answer only when asked for', async () => {
    const database = aws.database();
    expect(await database.send(put(1))).not.toHaveProperty('ConsumedCapacity');
    expect(await database.send(new QueryCommand({ TableName: posts, ...onBoard }))).not.toHaveProperty(
      'ConsumedCapacity',
    );
    const total = await database.send(
      new PutItemCommand({
        TableName: posts,
        Item: post(2, { author: { S: 'a' } }),
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    expect(total.ConsumedCapacity).toEqual({ TableName: posts, CapacityUnits: 2 });
    const indexes = await database.send(
      new PutItemCommand({
        TableName: posts,
        Item: post(3, { author: { S: 'a' } }),
        ReturnConsumedCapacity: 'INDEXES',
      }),
    );
    expect(indexes.ConsumedCapacity).toEqual({
      TableName: posts,
      CapacityUnits: 2,
      Table: { CapacityUnits: 1 },
      GlobalSecondaryIndexes: { byAuthor: { CapacityUnits: 1 } },
    });
    const read = await database.send(
      new QueryCommand({ TableName: posts, ...onBoard, ReturnConsumedCapacity: 'TOTAL' }),
    );
    expect(read.ConsumedCapacity).toEqual({ TableName: posts, CapacityUnits: 0.5 });
    const batch = await database.send(
      new BatchWriteItemCommand({
        RequestItems: { [posts]: [{ PutRequest: { Item: post(4) } }] },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    expect(batch.ConsumedCapacity).toEqual([{ TableName: posts, CapacityUnits: 1 }]);
  });
});
