import {
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createManagementApi } from '../../../emulator/apigateway/websocket/management.ts';
import type { AwsRequest } from '../../../emulator/types.ts';
import { connect, type Client } from './client.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let client: Client;
let ConnectionId: string;
beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(async () => {
  client = await connect(sandbox.url('live'));
  client.send({ action: 'echo', throw: 'who am I' });
  ConnectionId = (JSON.parse(await client.next()) as { connectionId: string }).connectionId;
  return () => client.socket.close();
});
afterAll(() => sandbox.close());

const post = (Data: string | Uint8Array, id = ConnectionId) =>
  sandbox.management().send(new PostToConnectionCommand({ ConnectionId: id, Data }));
const status = (httpStatusCode: number, name?: string) => ({
  ...(name !== undefined && { name }),
  $metadata: { httpStatusCode },
});

describe('POST', () => {
  test('delivers a text frame and answers 200', async () => {
    const { $metadata } = await post('{"é":1}');
    expect($metadata.httpStatusCode).toBe(200);
    expect(await client.next()).toBe('{"é":1}');
  });

  test('delivers bytes that are no UTF-8 as text too', async () => {
    await post(new Uint8Array([0x61, 0xff]));
    expect(await client.next()).toBe('a\ufffd');
  });

  test('128 KB pass, a byte more is 413', async () => {
    await post('x'.repeat(128 * 1024));
    expect((await client.next()).length).toBe(128 * 1024);
    await expect(post('x'.repeat(128 * 1024 + 1))).rejects.toMatchObject(
      status(413, 'PayloadTooLargeException'),
    );
  });

  test('a connection that is closed is 410', async () => {
    client.socket.close();
    await sandbox.seen(
      (event) =>
        event['requestContext'].connectionId === ConnectionId &&
        event['requestContext'].eventType === 'DISCONNECT',
    );
    await expect(post('x')).rejects.toMatchObject(status(410, 'GoneException'));
  });

  test('an id that never was is 410, one that cannot be is 400', async () => {
    await expect(post('x', 'BFHPhfCWIAMCKlQ=')).rejects.toMatchObject(status(410, 'GoneException'));
    await expect(post('x', 'not-an-id')).rejects.toMatchObject(status(400));
  });

  test('a client whose buffer is full is 429', async () => {
    client.socket.pause();
    const flood = async () => {
      for (let n = 0; n < 400; n++) await post('x'.repeat(128 * 1024));
    };
    await expect(flood()).rejects.toMatchObject(status(429, 'LimitExceededException'));
    client.socket.resume();
  });

  test('is metered in units of 32 KB', async () => {
    sandbox.emulator.resetMeter();
    await post('x'.repeat(33 * 1024));
    expect(sandbox.emulator.meter().total).toMatchObject({ managementPosts: 1, messagesOut: 2 });
  });
});

describe('GET and DELETE', () => {
  test('GET describes the connection', async () => {
    const answer = await sandbox.management().send(new GetConnectionCommand({ ConnectionId }));
    expect(answer.ConnectedAt).toBeInstanceOf(Date);
    expect(answer.LastActiveAt!.getTime()).toBeGreaterThanOrEqual(answer.ConnectedAt!.getTime());
    expect(answer.Identity?.SourceIp).toMatch(/127\.0\.0\.1|::1/);
  });

  test('DELETE twice is 410 the second time', async () => {
    await sandbox.management().send(new DeleteConnectionCommand({ ConnectionId }));
    await expect(
      sandbox.management().send(new DeleteConnectionCommand({ ConnectionId })),
    ).rejects.toMatchObject(status(410, 'GoneException'));
  });
});

describe('the address', () => {
  test('an unknown stage is 403, another stage of the same API 410', async () => {
    const send = (stage: string) =>
      sandbox.management(stage).send(new GetConnectionCommand({ ConnectionId }));
    await expect(send('nosuch')).rejects.toMatchObject(status(403, 'ForbiddenException'));
    await expect(send('throttled')).rejects.toMatchObject(status(410));
  });
});

describe('as a handler of the AWS endpoint', () => {
  const apis = () => {
    const connection = {
      reachable: true,
      state: 'open',
      buffered: 0,
      lastActiveAt: 0,
      peer: { api: { id: 'abc' }, stage: 'live', connectedAt: 0, identity: { sourceIp: '::1' } },
      send: () => {},
    };
    const api = {
      id: 'abc',
      region: 'us-east-1',
      accountId: '1',
      stages: new Map([['live', { deployed: true }]]),
    };
    return { apis: [api], connections: { get: () => connection } } as never;
  };
  const handler = (strikes = false) =>
    createManagementApi(
      {
        chaos: { delay: () => 0, strikes: () => strikes },
        clock: { now: () => 0 },
        meter: { message: () => {} },
      } as never,
      apis(),
    );
  const request = (change: Partial<AwsRequest> = {}): AwsRequest => ({
    service: 'execute-api',
    host: 'abc.execute-api.us-east-1.amazonaws.com',
    method: 'POST',
    path: '/live/@connections/BFHPhfCWIAMCKlQ%3D',
    headers: {},
    body: Buffer.from('x'),
    depth: 1,
    ...change,
  });
  const allow = () => undefined;

  test.each(['/live/@connections/BFHPhfCWIAMCKlQ=', '/live/%40connections/BFHPhfCWIAMCKlQ%3D'])(
    'accepts %s',
    async (path) => {
      expect((await handler().handle(request({ path }), allow)).status).toBe(200);
    },
  );

  test.each([
    ['another host', { host: 'xyz.execute-api.us-east-1.amazonaws.com' }],
    ['no stage', { path: '/@connections/BFHPhfCWIAMCKlQ%3D' }],
    ['another method', { method: 'PUT' }],
  ])('%s is 403', async (_title, change) => {
    expect((await handler().handle(request(change), allow)).status).toBe(403);
  });

  test('asks for execute-api:ManageConnections on the connection, and passes the refusal on', async () => {
    const asked: unknown[] = [];
    const answer = await handler().handle(request(), (_request, action, arn) => {
      asked.push([action, arn]);
      return 'User: x is not authorized';
    });
    expect(asked).toEqual([
      [
        'execute-api:ManageConnections',
        'arn:aws:execute-api:us-east-1:1:abc/live/POST/@connections/BFHPhfCWIAMCKlQ=',
      ],
    ]);
    expect(answer).toMatchObject({ status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' } });
    expect(String(answer.body)).toContain('not authorized');
  });

  test('chaos throttles a POST with 429', async () => {
    expect(await handler(true).handle(request(), allow)).toMatchObject({
      status: 429,
      headers: { 'x-amzn-errortype': 'LimitExceededException' },
    });
  });
});
