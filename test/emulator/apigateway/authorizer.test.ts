import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, refusal } from './client.ts';
import { startSandbox, type Sandbox, type Seen } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const ofAuthorizer = (event: Seen) => event['type'] === 'REQUEST';

describe('what a REQUEST authorizer decides', () => {
  test.each([
    ['allow', 101],
    ['unauthorized', 401],
    ['deny', 403],
    ['elsewhere', 403],
    ['broken', 500],
    ['garbage', 500],
    ['large', 500],
    ['nested', 500],
  ])('%s → %i', async (auth, status) => {
    expect(await refusal(sandbox.url(`guarded?auth=${auth}`))).toBe(status);
  });

  test('$connect runs only after an Allow', async () => {
    const before = sandbox.count(
      (event) => event['queryStringParameters']?.['tag'] === 'denied' && !ofAuthorizer(event),
    );
    await refusal(sandbox.url('guarded?auth=deny&tag=denied'));
    expect(
      sandbox.count((event) => event['queryStringParameters']?.['tag'] === 'denied' && !ofAuthorizer(event)),
    ).toBe(before);
  });

  test('without a Lambda permission it is 500', async () => {
    const forbidden = await startSandbox({}, ({ Resources }) => delete Resources['GuardedMayAuthorize']);
    expect(await refusal(forbidden.url('guarded?auth=allow'))).toBe(500);
    await forbidden.close();
  });
});

describe('identity sources', () => {
  test.each(['strict', 'strict?auth=allow', 'strict?auth='])(
    'one missing or empty (%s) is 401 and invokes nothing',
    async (path) => {
      const before = sandbox.count(ofAuthorizer);
      expect(await refusal(sandbox.url(path))).toBe(401);
      expect(sandbox.count(ofAuthorizer)).toBe(before);
    },
  );

  test('all present ask the authorizer', async () => {
    expect(await refusal(sandbox.url('strict?auth=allow'), { headers: { 'X-Auth': 'yes' } })).toBe(101);
  });
});

describe('the authorizer event', () => {
  test('has Connection and Upgrade, empty maps instead of missing ones, and the final connection id', async () => {
    await refusal(sandbox.url('guarded'), { headers: { 'X-Auth': 'unauthorized' } });
    const event = await sandbox.seen(
      (seen) => ofAuthorizer(seen) && seen['headers']['X-Auth'] === 'unauthorized',
    );
    const { requestContext } = event;
    expect(event).toMatchObject({
      type: 'REQUEST',
      methodArn: `arn:aws:execute-api:us-east-1:000000000000:${requestContext.apiId}/guarded/$connect`,
      queryStringParameters: {},
      multiValueQueryStringParameters: {},
      stageVariables: {},
    });
    expect(event['headers']).toMatchObject({
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'content-length': '0',
    });
    expect(requestContext).toMatchObject({
      routeKey: '$connect',
      eventType: 'CONNECT',
      connectionId: expect.stringMatching(/=$/),
    });
    expect('isBase64Encoded' in event).toBe(false);
  });
});

describe('the context of the authorizer', () => {
  test('reaches $connect, every message and $disconnect as strings', async () => {
    const client = await connect(sandbox.url('guarded?auth=allow&tag=context'));
    client.send({ action: 'echo', tag: 'context' });
    const strings = { principalId: 'user-1', name: 'ann', level: '3', admin: 'true' };
    const connected = await sandbox.seen(
      (event) => !ofAuthorizer(event) && event['queryStringParameters']?.['tag'] === 'context',
    );
    expect(connected['requestContext'].authorizer).toEqual({
      ...strings,
      integrationLatency: expect.any(Number),
    });
    const { connectionId } = connected['requestContext'];
    const message = await sandbox.seen(
      (event) => event['requestContext'].connectionId === connectionId && event['body'] !== undefined,
    );
    expect(message['requestContext'].authorizer).toEqual(strings);
    client.socket.close();
    const gone = await sandbox.seen(
      (event) =>
        event['requestContext'].connectionId === connectionId &&
        event['requestContext'].eventType === 'DISCONNECT',
    );
    expect(gone['requestContext'].authorizer).toEqual(strings);
  });
});
