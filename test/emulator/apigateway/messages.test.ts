import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect, type Client } from './client.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let client: Client;
beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(async () => {
  client = await connect(sandbox.url('live'));
  return () => client.socket.close();
});
afterAll(() => sandbox.close());

const ERROR = (message: string) =>
  new RegExp(`^\\{"message": "${message}", "connectionId":"[\\w-]{15}=", "requestId":"[\\w-]{15}="\\}$`);

describe('the MESSAGE event', () => {
  test('has exactly the members of a real one', async () => {
    const body = '{"action": "quiet", "tag": "exact"}';
    client.send(body);
    const event = await sandbox.seen((seen) => seen['body'] === body);
    expect(Object.keys(event).toSorted()).toEqual(['body', 'isBase64Encoded', 'requestContext']);
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
        'messageId',
        'requestId',
        'requestTime',
        'requestTimeEpoch',
        'routeKey',
        'stage',
      ].toSorted(),
    );
    expect(context).toMatchObject({
      routeKey: 'quiet',
      eventType: 'MESSAGE',
      messageDirection: 'IN',
      extendedRequestId: context.requestId,
    });
    expect(context.messageId).toMatch(/^[\w-]{15}=$/);
    expect(context.messageId).not.toBe(context.requestId);
  });
});

describe('routes', () => {
  test.each([
    ['a known key', { action: 'quiet' }, 'quiet'],
    ['an unknown key', { action: 'nosuch' }, '$default'],
    ['no key', { other: 1 }, '$default'],
    ['a key that only the life cycle may use', { action: '$disconnect' }, '$default'],
    ['a key of Object.prototype', { action: { toString: 'quiet' } }, '$default'],
  ])('%s', async (title, message, routeKey) => {
    client.send({ ...message, title });
    expect(
      (await sandbox.seen((event) => String(event['body']).includes(title)))['requestContext'].routeKey,
    ).toBe(routeKey);
  });

  test.each(['2probe', '3', '42["x"]', ''])(
    'text that is no JSON object (%j) takes $default',
    async (text) => {
      const before = sandbox.count((event) => event['body'] === text);
      client.send(text);
      client.send({ action: 'echo', answer: { statusCode: 200, body: 'done' } });
      await client.next();
      const event = await sandbox.seen((seen) => seen['body'] === text);
      expect(event['requestContext'].routeKey).toBe('$default');
      expect(sandbox.count((seen) => seen['body'] === text)).toBe(before + 1);
    },
  );

  test('nothing matches and there is no $default: the Forbidden frame, and the connection stays', async () => {
    const without = await startSandbox({}, ({ Resources }) => {
      delete Resources['OpenDefault'];
      delete Resources['OpenDefaultResponse'];
    });
    const other = await connect(without.url('live'));
    other.send({ action: 'nosuch' });
    expect(await other.next()).toMatch(ERROR('Forbidden'));
    other.send({ action: 'echo', answer: { statusCode: 200, body: 'still here' } });
    expect(await other.next()).toBe('still here');
    expect(without.logs.some(({ message }) => message.includes('"nosuch"'))).toBe(true);
    await without.close();
  });
});

describe('replies', () => {
  const reply = async (message: object) => {
    client.send(message);
    client.send({ action: 'echo', wait: 50, answer: { statusCode: 200, body: 'after' } });
    const first = await client.next();
    if (first !== 'after') expect(await client.next()).toBe('after');
    return first;
  };

  test('without a route response the return value is dropped, whatever it is', async () => {
    expect(await reply({ action: 'quiet', answer: { statusCode: 200, body: 'dropped' } })).toBe('after');
    expect(await reply({ action: 'quiet', answer: { statusCode: 500, body: 'dropped' } })).toBe('after');
    expect(await reply({ action: 'quiet', answer: 'dropped' })).toBe('after');
  });

  test('with one the body is one text frame', async () => {
    expect(await reply({ action: 'echo', answer: { statusCode: 200, body: '{"a":1}' } })).toBe('{"a":1}');
    expect(
      await reply({ action: 'echo', answer: { statusCode: 201, body: 'aGk=', isBase64Encoded: true } }),
    ).toBe('hi');
  });

  test.each([{ statusCode: 200 }, { statusCode: 200, body: '' }])(
    'no body, no frame (%j)',
    async (answer) => {
      expect(await reply({ action: 'echo', answer })).toBe('after');
    },
  );

  test.each([
    { statusCode: 500, body: 'x' },
    { statusCode: 404, body: 'x' },
    { body: 'x' },
    { statusCode: 200, body: { a: 1 } },
    null,
  ])('a bad answer is an error frame (%j)', async (answer) => {
    expect(await reply({ action: 'echo', answer })).toMatch(ERROR('Internal server error'));
  });

  test('an error frame names the connection and the request', async () => {
    client.send({ action: 'echo', throw: 'named' });
    const frame = JSON.parse(await client.next()) as { connectionId: string; requestId: string };
    const { requestContext } = await sandbox.seen((event) => String(event['body']).includes('"named"'));
    expect(frame).toMatchObject({
      connectionId: requestContext.connectionId,
      requestId: requestContext.requestId,
    });
  });

  test('a throw is an error frame on a one-way route too, and the connection stays', async () => {
    expect(await reply({ action: 'quiet', throw: 'boom' })).toMatch(ERROR('Internal server error'));
  });

  test('longer than the integration timeout is the timeout frame', async () => {
    client.send({ action: 'slow', wait: 400, answer: { statusCode: 200, body: 'too late' } });
    expect(await client.next()).toMatch(ERROR('Endpoint request timed out'));
  });

  test('messages of one connection run at the same time: a slow one is overtaken', async () => {
    client.send({ action: 'echo', wait: 200, answer: { statusCode: 200, body: 'slow' } });
    client.send({ action: 'echo', answer: { statusCode: 200, body: 'fast' } });
    expect([await client.next(), await client.next()]).toEqual(['fast', 'slow']);
  });

  test('a throttled message is told so, and the connection stays', async () => {
    const other = await connect(sandbox.url('throttled'));
    other.send({ action: 'echo', answer: { statusCode: 200, body: 'first' } });
    expect(await other.next()).toBe('first');
    other.send({ action: 'echo', answer: { statusCode: 200, body: 'second' } });
    expect(await other.next()).toMatch(ERROR('Too Many Requests'));
    other.socket.close();
  });
});
