import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceOfHost } from '../../../emulator/aws/service-of-host.ts';
import type { AwsRequest } from '../../../emulator/types.ts';
import { type Aws, startAws } from './aws.ts';

let aws: Aws;
beforeEach(async () => {
  aws = await startAws();
});
afterEach(() => aws.close());

const TARGET = {
  'x-amz-target': 'DynamoDB_20120810.ListTables',
  'content-type': 'application/x-amz-json-1.0',
};
const put = new PutItemCommand({ TableName: 'board-connections', Item: { id: { S: 'c' } } });

function executeApi(): ApiGatewayManagementApiClient {
  return new ApiGatewayManagementApiClient({ ...aws.as('function'), endpoint: `${aws.endpoint.url}/live` });
}

describe('the AWS endpoint', () => {
  it('hands a request to the service it is signed for, with its caller', async () => {
    const requests: AwsRequest[] = [];
    aws.endpoint.register({
      service: 'execute-api',
      handle: (request) => (requests.push(request), Promise.resolve({ status: 200 })),
    });
    await executeApi().send(new PostToConnectionCommand({ ConnectionId: 'AbC=', Data: 'hello' }));
    expect(requests).toMatchObject([
      {
        service: 'execute-api',
        method: 'POST',
        path: '/live/@connections/AbC%3D',
        caller: { functionName: aws.stack.get('Board')?.ref, roleLogicalId: 'BoardRole' },
        depth: 1,
      },
    ]);
    expect(requests[0]?.body.toString()).toBe('hello');
  });

  it('meters each call, with the bytes of both bodies, for the incoming event and at the depth that the runtime names', async () => {
    const database = aws.database();
    // As the worker runtime does: after signing.
    database.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: object }).headers, {
          'x-emulator-event': '7',
          'x-emulator-depth': '3',
        });
        return next(args);
      },
      { step: 'deserialize' },
    );
    await database.send(put);
    expect(aws.calls).toEqual([
      {
        event: { id: 7, label: 'board-sockets post' },
        operation: 'dynamodb:PutItem',
        depth: 3,
        readUnits: 0,
        writeUnits: 1,
        bytes: 59,
        outcome: 'ok',
      },
    ]);
  });

  it('meters a refusal under its name', async () => {
    await aws
      .database()
      .send(new GetItemCommand({ TableName: 'nothing', Key: { id: { S: 'c' } } }))
      .catch(() => {});
    expect(aws.calls).toMatchObject([
      { event: undefined, operation: 'dynamodb:GetItem', depth: 1, outcome: 'ResourceNotFoundException' },
    ]);
  });

  it('lets a client whose clock is off correct itself by the emulated date', async () => {
    aws.clock.advance(3 * 3_600_000);
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    await new DynamoDBClient({ ...aws.as('function'), maxAttempts: 2 }).send(put);
    expect(aws.calls.map(({ outcome }) => outcome)).toEqual(['InvalidSignatureException', 'ok']);
  });

  it('logs and answers 500 when a service fails', async () => {
    aws.endpoint.register({ service: 'execute-api', handle: () => Promise.reject(new Error('broken')) });
    await expect(
      executeApi().send(new PostToConnectionCommand({ ConnectionId: 'A', Data: '' })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    expect(aws.logs).toMatchObject([{ level: 'error', message: expect.stringContaining('broken') }]);
  });

  it('names a service it does not play', async () => {
    await expect(
      executeApi().send(new PostToConnectionCommand({ ConnectionId: 'A', Data: '' })),
    ).rejects.toThrow(
      "The emulator does not play the AWS service 'execute-api'; it has: dynamodb, secretsmanager",
    );
  });
});

describe('an unsigned request', () => {
  it('to a JSON service is refused with 400', async () => {
    const response = await fetch(aws.endpoint.url, { method: 'POST', headers: TARGET, body: '{}' });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      __type: 'com.amazon.coral.service#MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    });
  });

  it('to the management API is refused with 403', async () => {
    const response = await fetch(`${aws.endpoint.url}/live/@connections/A`, { method: 'POST', body: 'x' });
    expect([response.status, response.headers.get('x-amzn-errortype'), await response.json()]).toEqual([
      403,
      'MissingAuthenticationTokenException',
      { message: 'Missing Authentication Token' },
    ]);
  });
});

it('a body above 16 MB is refused', async () => {
  const response = await fetch(aws.endpoint.url, {
    method: 'POST',
    headers: TARGET,
    body: Buffer.alloc(16 * 1024 * 1024 + 1),
  }).catch(() => undefined);
  expect(response?.status ?? 413).toBe(413);
  expect(aws.calls).toEqual([]);
});

it.each([
  ['dynamodb.us-east-1.amazonaws.com', 'dynamodb'],
  ['000000000000.ddb.eu-west-3.amazonaws.com', 'dynamodb'],
  ['abcdefghij.execute-api.us-east-1.amazonaws.com', 'execute-api'],
  ['secretsmanager.us-gov-west-1.amazonaws.com:443', 'secretsmanager'],
  ['127.0.0.1:4000', 'execute-api'],
])('the host %s stands for %s', (host, service) => {
  expect(serviceOfHost(host, undefined)).toBe(service);
});
