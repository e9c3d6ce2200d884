import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox, type Seen } from './sandbox.ts';

let sandbox: Sandbox;
let origin: string;
beforeAll(async () => {
  sandbox = await startSandbox();
  origin = sandbox.emulator.urls.origin;
});
afterAll(() => sandbox.close());

const answering = (answer: unknown, more: object = {}) =>
  `plan=${encodeURIComponent(JSON.stringify({ answer, ...more }))}`;
const eventOf = async (path: string, init: RequestInit = {}) => {
  const tag = Math.random().toString(36).slice(2);
  await fetch(`${origin}${path}${path.includes('?') ? '&' : '?'}tag=${tag}`, init);
  return sandbox.seen((event) => event['version'] === '2.0' && event['rawQueryString'].includes(tag));
};

/** fetch would merge and rename headers. */
function raw(path: string, headers: Record<string, string | string[]>): Promise<number> {
  return new Promise((resolve, reject) => {
    const req = request(`${origin}${path}`, { headers }, (response) =>
      resolve(response.resume().statusCode ?? 0),
    );
    req.on('error', reject).end();
  });
}

describe('the event, payload format 2.0', () => {
  test('has exactly the members AWS documents', async () => {
    const event = await eventOf('/items/a%20b?x=1&x=2&y=', {
      headers: { 'user-agent': 'tester', 'X-Mixed': 'Case', cookie: 'a=1; b=2' },
    });
    expect(Object.keys(event).toSorted()).toEqual(
      [
        'version',
        'routeKey',
        'rawPath',
        'rawQueryString',
        'cookies',
        'headers',
        'queryStringParameters',
        'requestContext',
        'pathParameters',
        'isBase64Encoded',
      ].toSorted(),
    );
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'GET /items/{id}',
      rawPath: '/items/a b',
      rawQueryString: expect.stringMatching(/^x=1&x=2&y=&tag=/),
      cookies: ['a=1', 'b=2'],
      queryStringParameters: { x: '1,2', y: '' },
      pathParameters: { id: 'a b' },
      isBase64Encoded: false,
    });
    const { requestContext, headers } = event;
    expect(Object.keys(requestContext).toSorted()).toEqual(
      [
        'accountId',
        'apiId',
        'domainName',
        'domainPrefix',
        'http',
        'requestId',
        'routeKey',
        'stage',
        'time',
        'timeEpoch',
      ].toSorted(),
    );
    expect(requestContext).toMatchObject({
      stage: '$default',
      routeKey: 'GET /items/{id}',
      domainPrefix: requestContext.apiId,
      time: expect.stringMatching(/ \+0000$/),
    });
    expect(requestContext.http).toEqual({
      method: 'GET',
      path: '/items/a b',
      protocol: 'HTTP/1.1',
      sourceIp: expect.any(String),
      userAgent: 'tester',
    });
    expect(headers).toMatchObject({
      'x-mixed': 'Case',
      host: requestContext.domainName,
      'x-forwarded-proto': 'https',
      'content-length': '0',
    });
    expect('cookie' in headers).toBe(false);
  });

  test('joins repeated headers with commas', async () => {
    await raw('/items/special?tag=repeated', { 'X-Many': ['1', '2'] });
    const event = await sandbox.seen((seen) => seen['rawQueryString'] === 'tag=repeated');
    expect(event['headers']['x-many']).toBe('1,2');
    expect('cookies' in event).toBe(false);
  });

  test.each([
    { type: 'application/json', sent: '{"a":1}', body: '{"a":1}', isBase64Encoded: false },
    { type: 'application/problem+json; charset=utf-8', sent: '{}', body: '{}', isBase64Encoded: false },
    { type: 'text/plain', sent: 'é', body: 'é', isBase64Encoded: false },
    { type: 'application/octet-stream', sent: 'hi', body: 'aGk=', isBase64Encoded: true },
    { type: 'application/x-www-form-urlencoded', sent: 'a=1', body: 'YT0x', isBase64Encoded: true },
  ])('a body of $type', async ({ type, sent, ...expected }) => {
    const event = await eventOf('/items', { method: 'POST', headers: { 'content-type': type }, body: sent });
    expect(event).toMatchObject({ routeKey: 'POST /items', ...expected });
  });
});

describe('routes', () => {
  test.each([
    ['/items/special', 'GET /items/special'],
    ['/items/other', 'GET /items/{id}'],
    ['/files/a/b', 'ANY /files/{path+}'],
  ])('%s takes %s', async (path, routeKey) => {
    expect((await eventOf(path))['routeKey']).toBe(routeKey);
  });

  test.each(['/', '/items', '/items/1/2', '/items/special/', '/files', '/nosuch'])(
    '%s is 404 {"message":"Not Found"}',
    async (path) => {
      const response = await fetch(`${origin}${path}`);
      expect(response.status).toBe(404);
      expect(await response.text()).toBe('{"message":"Not Found"}');
      const message = `no route for "GET ${path}" and no $default: Not Found`;
      expect(sandbox.logs).toContainEqual(expect.objectContaining({ level: 'warn', message }));
    },
  );
});

describe('the answer', () => {
  const get = (answer: unknown) => fetch(`${origin}/items/1?${answering(answer)}`);

  test('a structured one: status, headers, cookies, body', async () => {
    const response = await get({
      statusCode: 201,
      headers: { 'Content-Type': 'text/css', 'X-A': 1 },
      cookies: ['a=1', 'b=2; Secure'],
      body: 'made',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('text/css');
    expect(response.headers.get('x-a')).toBe('1');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Secure']);
    expect(response.headers.get('apigw-requestid')).toMatch(/=$/);
    expect(await response.text()).toBe('made');
  });

  test('base64 becomes bytes', async () => {
    const response = await get({ statusCode: 200, body: 'AP8=', isBase64Encoded: true });
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255]);
  });

  test.each([
    [{ a: 1 }, '{"a":1}'],
    ['text', 'text'],
    [[1], '[1]'],
  ])('a bare one (%j) is 200 and JSON', async (answer, body) => {
    const response = await get(answer);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe(body);
  });

  test.each([
    ['a throw', 'throw=boom'],
    ['a bad status', answering({ statusCode: 'x' })],
    ['a header HTTP cannot carry', answering({ statusCode: 200, headers: { a: 'b\nc' } })],
  ])('%s is 500 {"message":"Internal Server Error"}', async (_title, query) => {
    const response = await fetch(`${origin}/items/1?${query}`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"message":"Internal Server Error"}');
  });

  test('longer than the integration timeout is 503', async () => {
    const response = await fetch(`${origin}/slow?wait=400`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ message: 'Service Unavailable' });
  });
});

describe('limits', () => {
  test.each([
    ['more than 10 MB', 10 * 1024 * 1024 + 1],
    ["more than Lambda's 6 MB", 7 * 1024 * 1024],
  ])('%s is 413', async (_title, size) => {
    const response = await fetch(`${origin}/items`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'x'.repeat(size),
    });
    expect(response.status).toBe(413);
  });

  test('more than 10,240 bytes of headers is 431', async () => {
    expect(await raw('/items/1', { 'x-long': 'x'.repeat(9_000) })).toBe(200);
    expect(await raw('/items/1', { 'x-long': 'x'.repeat(10_240) })).toBe(431);
  });
});

describe('CORS of the API', () => {
  const preflight = (origin: string, from: string) =>
    fetch(`${from}/items/1`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET' },
    });

  test('answers preflights itself and replaces what functions say', async () => {
    const cors = await startSandbox({}, ({ Resources }) => {
      Resources['Web']!.Properties['CorsConfiguration'] = {
        AllowOrigins: ['https://a.example'],
        AllowMethods: ['GET', 'POST'],
        AllowHeaders: ['authorization'],
        MaxAge: 60,
        ExposeHeaders: ['x-a'],
      };
    });
    const from = cors.emulator.urls.origin;
    const allowed = await preflight('https://a.example', from);
    expect(allowed.status).toBe(204);
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '60',
    });
    expect(
      (await preflight('https://b.example', from)).headers.get('access-control-allow-origin'),
    ).toBeNull();
    const own = answering({
      statusCode: 200,
      headers: { 'access-control-allow-origin': 'https://evil.example' },
    });
    const response = await fetch(`${from}/items/1?${own}`, { headers: { origin: 'https://a.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('https://a.example');
    expect(response.headers.get('access-control-expose-headers')).toBe('x-a');
    await cors.close();
  });

  test('without a configuration an OPTIONS request is a request like any other', async () => {
    expect((await preflight('https://a.example', origin)).status).toBe(404);
  });
});

test('a request is metered under the API and the route key', async () => {
  sandbox.emulator.resetMeter();
  await fetch(`${origin}/items/1`);
  expect(sandbox.emulator.meter().events['web GET /items/{id}']).toMatchObject({
    count: 1,
    httpRequests: 1,
    lambdaInvocations: 1,
  });
});

test('a trailing slash belongs to a greedy route, whose variable is then empty', async () => {
  const { routeKey, pathParameters, rawPath } = (await eventOf('/files/')) as Seen & {
    pathParameters: unknown;
    rawPath: string;
  };
  expect([routeKey, pathParameters, rawPath]).toEqual(['ANY /files/{path+}', { path: '' }, '/files/']);
});
