import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { translateAwsError } from '../../../lambdas/adapters/aws-errors.ts';
import { createDynamoClient } from '../../../lambdas/adapters/dynamodb/client.ts';
import { createDynamoStores, type Stores } from '../../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import { CausewayError } from '../../../lambdas/domain/errors.ts';
import { NOW, someMessage, someRoomId, someUser, someUserId } from '../../contract/data.ts';
import { startStub, type StubRequest, type StubServer } from '../../support/stub-server.ts';

process.env['AWS_ACCESS_KEY_ID'] ??= 'local';
process.env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
process.env['AWS_REGION'] ??= 'eu-west-1';

const open: StubServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((stub) => stub.close())));

type Answer = (request: StubRequest, response: ServerResponse, count: number) => void;

async function storesOn(answer: Answer): Promise<{ readonly stores: Stores; readonly stub: StubServer }> {
  const stub = await startStub(answer);
  open.push(stub);
  const client = createDynamoClient({ endpoint: stub.url, timeoutsMs: { connect: 10_000, request: 500 } });
  return { stub, stores: createDynamoStores({ client, tableName: 't', now: () => NOW }) };
}

function refuse(response: ServerResponse, status: number, type: string): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(
    JSON.stringify({
      __type: `com.amazonaws.dynamodb.v20120810#${type}`,
      message: 'arn:aws:dynamodb:detail',
    }),
  );
}

const CONDITION = 'ConditionalCheckFailedException';

describe('DynamoDB errors', () => {
  test.each([
    { status: 400, type: 'ProvisionedThroughputExceededException', code: 'unavailable', attempts: 3 },
    { status: 400, type: 'ThrottlingException', code: 'unavailable', attempts: 3 },
    { status: 400, type: 'RequestLimitExceeded', code: 'unavailable', attempts: 3 },
    { status: 500, type: 'InternalServerError', code: 'unavailable', attempts: 3 },
    { status: 503, type: 'ServiceUnavailable', code: 'unavailable', attempts: 3 },
    { status: 400, type: 'AccessDeniedException', code: 'internal', attempts: 1 },
    { status: 400, type: 'ValidationException', code: 'internal', attempts: 1 },
    { status: 400, type: 'ResourceNotFoundException', code: 'internal', attempts: 1 },
  ])(
    '$type ($status) becomes $code after $attempts attempts, with its cause, without its text',
    async (expected) => {
      const { status, type, code, attempts } = expected;
      const { stores, stub } = await storesOn((_, response) => refuse(response, status, type));
      const failure: unknown = await stores.rooms.get(someRoomId()).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(CausewayError);
      expect(failure).toMatchObject({ code, cause: { name: type } });
      expect((failure as Error).message).not.toContain('arn');
      expect(stub.requests).toHaveLength(attempts);
    },
  );

  test('writes are translated like reads', async () => {
    const { stores } = await storesOn((_, response) => refuse(response, 400, 'AccessDeniedException'));
    await expect(stores.messages.append(someMessage())).rejects.toMatchObject({ code: 'internal' });
    await expect(stores.messages.remove(someRoomId(), someMessage().id)).rejects.toMatchObject({
      code: 'internal',
    });
    await expect(stores.members.grow(someRoomId(), 1, 2)).rejects.toMatchObject({ code: 'internal' });
  });

  test('a connection that breaks, and nobody listening, are unavailable', async () => {
    const { stores } = await storesOn((_, response) => response.destroy());
    await expect(stores.rooms.get(someRoomId())).rejects.toMatchObject({ code: 'unavailable' });
    const nobody = createDynamoStores({
      client: createDynamoClient({ endpoint: 'http://127.0.0.1:1' }),
      tableName: 't',
      now: () => NOW,
    });
    await expect(nobody.rooms.get(someRoomId())).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('our own bugs are internal, and a translated error stays as it is', () => {
    expect(translateAwsError(new TypeError('x is not a function')).code).toBe('internal');
    expect(translateAwsError(undefined).code).toBe('internal');
    const known = new CausewayError('not_found', 'x');
    expect(translateAwsError(known)).toBe(known);
    expect(translateAwsError(Object.assign(new Error('slow'), { name: 'TimeoutError' })).code).toBe(
      'unavailable',
    );
  });

  test('an answer that never comes is given up after three attempts and is unavailable', async () => {
    const { stores, stub } = await storesOn(() => {});
    await expect(stores.rooms.get(someRoomId())).rejects.toMatchObject({ code: 'unavailable' });
    expect(stub.requests).toHaveLength(3);
  });
});

interface ConditionalPut {
  readonly Item: Readonly<Record<string, unknown>>;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues: Readonly<Record<string, unknown>>;
}

describe('lost answers', () => {
  /** Plays DynamoDB's conditional puts for one row; loses the first answer. */
  const losingFirstAnswer = (): Answer => {
    let row: ConditionalPut['Item'] | undefined;
    return (request, response, count) => {
      const put = JSON.parse(request.body) as ConditionalPut;
      const [, name] = /^attribute_not_exists\(pk\) OR (\w+) = :\w+$/.exec(put.ConditionExpression) ?? [];
      const [value] = Object.values(put.ExpressionAttributeValues);
      const own = row !== undefined && JSON.stringify(row[name ?? '']) === JSON.stringify(value);
      if (row !== undefined && !own) return refuse(response, 400, CONDITION);
      row = put.Item;
      if (count === 1) response.destroy();
      else response.end('{}');
    };
  };

  test('a message whose first answer was lost is stored, not "exists": it must still be delivered', async () => {
    const { stores, stub } = await storesOn(losingFirstAnswer());
    const message = someMessage();
    expect(await stores.messages.append(message)).toBe('stored');
    expect(stub.requests).toHaveLength(2);
    expect(await stores.messages.append(message)).toBe('exists');
  });

  test('an address whose first answer was lost is ours, not taken', async () => {
    const play = losingFirstAnswer();
    let claims = 0;
    const { stores } = await storesOn((request, response) => {
      if (!request.body.includes('ACCOUNT')) return response.end('{}');
      return play(request, response, (claims += 1));
    });
    expect(await stores.users.register(someUser(), 'hash')).toBe('created');
    expect(claims).toBe(2);
  });
});

describe('batches', () => {
  test('keys that were not processed are asked for again', async () => {
    const asked: number[] = [];
    const { stores } = await storesOn((request, response) => {
      const { RequestItems } = JSON.parse(request.body) as {
        RequestItems: { t: { Keys: { pk: { S: string } }[] } };
      };
      const [first, ...rest] = RequestItems.t.Keys;
      asked.push(RequestItems.t.Keys.length);
      const found = { ...first, username: { S: 'anna' }, createdAt: { N: '1' } };
      const left = rest.length === 0 ? {} : { t: { Keys: rest, ConsistentRead: true } };
      response.end(JSON.stringify({ Responses: { t: [found] }, UnprocessedKeys: left }));
    });
    const found = await stores.users.getMany([someUserId(), someUserId(), someUserId()]);
    expect(found).toHaveLength(3);
    expect(asked).toEqual([3, 2, 1]);
  });

  test('keys that are never processed end as unavailable', async () => {
    const { stores } = await storesOn((request, response) => {
      const { RequestItems } = JSON.parse(request.body) as { RequestItems: object };
      response.end(JSON.stringify({ Responses: {}, UnprocessedKeys: RequestItems }));
    });
    await expect(stores.users.getMany([someUserId()])).rejects.toMatchObject({ code: 'unavailable' });
  });
});
