import { request } from 'node:http';
import { PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, refusal } from './client.ts';
import { startSandbox, type Sandbox, type Seen } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const plan = (what: object) => `plan=${encodeURIComponent(JSON.stringify(what))}`;
const tagged =
  (tag: string, routeKey = '$connect') =>
  (event: Seen) =>
    event['requestContext'].routeKey === routeKey && event['queryStringParameters']?.['tag'] === tag;

describe('the upgrade path', () => {
  test.each(['live', 'live/', 'live?x=1', 'live/?x=1'])('/%s opens', async (path) => {
    const client = await connect(sandbox.url(path));
    client.socket.close();
  });

  test.each(['', 'nosuch', 'live/socket.io/', 'live/x', 'undeployed'])('/%s is 403', async (path) => {
    expect(await refusal(sandbox.url(path))).toBe(403);
  });

  test('a plain request to a stage is 426, and elsewhere 404', async () => {
    const template = await startSandbox({}, ({ Resources }) => {
      for (const [id, { Properties }] of Object.entries(Resources))
        if (id.startsWith('Web') || (Properties['ApiId'] as { Ref: string } | undefined)?.Ref === 'Web')
          delete Resources[id];
    });
    expect((await fetch(`${template.emulator.urls.origin}/live`)).status).toBe(426);
    expect((await fetch(`${template.emulator.urls.origin}/elsewhere`)).status).toBe(404);
    await template.close();
  });

  test('another WebSocket version is 400, an upgrade to something else 426', async () => {
    const { port } = new URL(sandbox.emulator.urls.origin);
    const status = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const req = request({
          port,
          path: '/live',
          headers: { Connection: 'Upgrade', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers },
        });
        req.on('response', (response) => resolve(response.statusCode)).end();
      });
    expect(await status({ Upgrade: 'websocket', 'Sec-WebSocket-Version': '7' })).toBe(400);
    expect(await status({ Upgrade: 'h2c', 'Sec-WebSocket-Version': '13' })).toBe(426);
  });
});

describe('the answer of $connect', () => {
  test.each([200, 201, 299])('%i opens', async (status) => {
    expect(await refusal(sandbox.url(`live?status=${status}`))).toBe(101);
  });

  test.each([301, 400, 401, 403, 501])('%i is passed through', async (status) => {
    expect(await refusal(sandbox.url(`live?status=${status}`))).toBe(status);
  });

  test('a throw is 502, and so is an answer without a statusCode', async () => {
    expect(await refusal(sandbox.url('live?throw=boom'))).toBe(502);
    expect(await refusal(sandbox.url('live?nothing=1'))).toBe(502);
  });

  test('a function that takes longer than the integration timeout is 504', async () => {
    const slow = await startSandbox({}, ({ Resources }) => {
      Resources['OpenToMain']!.Properties['TimeoutInMillis'] = 200;
    });
    expect(await refusal(slow.url('live?wait=2000'))).toBe(504);
    await slow.close();
  });

  test('without a Lambda permission it is 500, and the log names the action', async () => {
    const forbidden = await startSandbox({}, ({ Resources }) => delete Resources['OpenMayInvoke']);
    expect(await refusal(forbidden.url('live'))).toBe(500);
    expect(forbidden.logs.some(({ message }) => message.includes('lambda:InvokeFunction'))).toBe(true);
    await forbidden.close();
  });

  test('without a $connect route everybody may in, and the log warns', async () => {
    const without = await startSandbox({}, ({ Resources }) => delete Resources['OpenConnect']);
    expect(await refusal(without.url('live?status=401'))).toBe(101);
    expect(without.logs.some(({ level, message }) => level === 'warn' && message.includes('$connect'))).toBe(
      true,
    );
    await without.close();
  });
});

describe('while $connect runs', () => {
  test('the upgrade is held and the own connection is 410; as soon as the client is open it can be reached', async () => {
    const management = sandbox.management();
    const opening = connect(sandbox.url('live?wait=150&tag=held'));
    const { requestContext } = await sandbox.seen(tagged('held'));
    const post = new PostToConnectionCommand({ ConnectionId: requestContext.connectionId, Data: 'hello' });
    await expect(management.send(post)).rejects.toMatchObject({
      name: 'GoneException',
      $metadata: { httpStatusCode: 410 },
    });
    const client = await opening;
    await management.send(post);
    expect(await client.next()).toBe('hello');
    client.socket.close();
  });
});

describe('the subprotocol', () => {
  test('comes from the header of the $connect function', async () => {
    const client = await connect(sandbox.url('live?protocol=b'), { protocols: ['a', 'b'] });
    expect(client.socket.protocol).toBe('b');
    client.socket.close();
  });

  test('is not echoed by itself, so a client that offered one fails', async () => {
    await expect(connect(sandbox.url('live'), { protocols: ['a'] })).rejects.toThrow(
      'Server sent no subprotocol',
    );
  });

  test('permessage-deflate is not negotiated', async () => {
    const client = await connect(sandbox.url('live'), { perMessageDeflate: true });
    expect(client.socket.extensions).toBe('');
    client.socket.close();
  });
});

describe('the $connect event', () => {
  test('has exactly the members of a real one', async () => {
    const client = await connect(sandbox.url(`live?tag=exact&a=1&a=2&${plan({})}`), {
      headers: { 'User-Agent': 'tester', Cookie: 'c=1' },
    });
    const event = await sandbox.seen(tagged('exact'));
    expect(Object.keys(event).toSorted()).toEqual([
      'headers',
      'isBase64Encoded',
      'multiValueHeaders',
      'multiValueQueryStringParameters',
      'queryStringParameters',
      'requestContext',
    ]);
    const context = event['requestContext'];
    expect(Object.keys(context).toSorted()).toEqual(
      [
        'apiId',
        'connectedAt',
        'connectionId',
        'domainName',
        'eventType',
        'extendedRequestId',
        'identity',
        'messageDirection',
        'requestId',
        'requestTime',
        'requestTimeEpoch',
        'routeKey',
        'stage',
      ].toSorted(),
    );
    expect(context).toMatchObject({
      routeKey: '$connect',
      eventType: 'CONNECT',
      messageDirection: 'IN',
      stage: 'live',
      extendedRequestId: context.requestId,
    });
    expect(context.connectionId).toMatch(/^[\w-]{15}=$/);
    expect(context.requestId).toMatch(/^[\w-]{15}=$/);
    expect(context.requestTime).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(context.domainName).toBe(`${context.apiId}.execute-api.us-east-1.amazonaws.com`);
    expect(context.identity).toEqual({
      userAgent: 'tester',
      sourceIp: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
    });
    expect(event['queryStringParameters']).toMatchObject({ a: '2' });
    expect(event['multiValueQueryStringParameters']).toMatchObject({ a: ['1', '2'] });
    client.socket.close();
  });

  test('has headers as sent, single and multi, but neither Connection nor Upgrade', async () => {
    const client = await connect(sandbox.url('live?tag=headers'), {
      headers: { Cookie: 'c=1', Origin: 'https://example.com' },
    });
    const { headers, multiValueHeaders, requestContext } = await sandbox.seen(tagged('headers'));
    expect(headers).toMatchObject({
      Host: requestContext.domainName,
      Cookie: 'c=1',
      Origin: 'https://example.com',
      'Sec-WebSocket-Version': '13',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Port': '443',
    });
    expect(
      Object.keys(headers).filter((name) => /^(connection|upgrade|content-length)$/i.test(name)),
    ).toEqual([]);
    expect(multiValueHeaders).toEqual(
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    );
    client.socket.close();
  });

  test('has no query members without a query, and no userAgent without one', async () => {
    const client = await connect(sandbox.url('live'));
    const event = await sandbox.seen(
      (seen) => seen['requestContext'].eventType === 'CONNECT' && seen['queryStringParameters'] === undefined,
    );
    expect('queryStringParameters' in event).toBe(false);
    expect('multiValueQueryStringParameters' in event).toBe(false);
    expect(Object.keys(event['requestContext'].identity)).toEqual(['sourceIp']);
    client.socket.close();
  });
});

test('a stage whose token bucket is empty answers 429', async () => {
  expect(await refusal(sandbox.url('throttled'))).toBe(101);
  expect(await refusal(sandbox.url('throttled'))).toBe(429);
});
