import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { connect, refusal, type Refused } from '../apigateway/client.ts';
import { DOORBELL, startSandbox, type Sandbox, type Seen, type Template } from '../apigateway/sandbox.ts';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

const start = async (change?: (resources: Template['Resources']) => void) =>
  (sandbox = await startSandbox({}, change && (({ Resources }) => change(Resources)), DOORBELL));
const get = (path: string, init: RequestInit = {}) => fetch(`${sandbox.emulator.urls.origin}${path}`, init);
const web = (path: string) => sandbox.seen((event) => event.version === '2.0' && pathOf(event) === path);
/** Undefined for the schedule's events, which have no request. */
const pathOf = (event: Partial<Seen>) => event.requestContext?.http?.['path'];
const config = (resources: Template['Resources']) =>
  resources['Door']!.Properties['DistributionConfig'] as {
    Origins: Record<string, unknown>[];
    DefaultCacheBehavior: Record<string, unknown>;
    CacheBehaviors: Record<string, unknown>[];
  };

describe('a request through CloudFront', () => {
  test('reaches the HTTP API as CloudFront sends it', async () => {
    await start();
    const answer = await get('/items?b=2&a=1&a=3', {
      headers: {
        'user-agent': 'bell/1',
        'x-forwarded-for': '192.0.2.7',
        cookie: 'one=1; two=2',
        'x-custom': 'yes',
      },
    });
    expect([answer.status, await answer.text()]).toEqual([200, '/items']);
    const { headers, rawQueryString, requestContext } = await web('/items');
    expect(rawQueryString).toBe('b=2&a=1&a=3');
    const peer = requestContext.http?.['sourceIp'];
    expect(headers).toMatchObject({
      host: expect.stringMatching(/^[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com$/),
      'user-agent': 'bell/1',
      'x-custom': 'yes',
      'x-door': 'front',
      via: expect.stringMatching(/^1\.1 d[a-z0-9]{13}\.cloudfront\.net \(CloudFront\)$/),
      'x-amz-cf-id': expect.stringMatching(/==$/),
      'x-forwarded-for': expect.stringMatching(
        new RegExp(`^192\\.0\\.2\\.7, (127\\.0\\.0\\.1|::1), ${peer}$`),
      ),
    });
    expect(peer).toMatch(/^130\.176\./);
    expect(headers['connection']).toBeUndefined();
  });

  test('brings back the answer with what CloudFront adds', async () => {
    await start();
    const { headers } = await get('/items');
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-from': 'web',
      'x-cache': 'Miss from cloudfront',
      via: expect.stringContaining('(CloudFront)'),
      'apigw-requestid': expect.any(String),
      'set-cookie': 'a=1',
    });
  });

  test('carries a body, and counts as a request', async () => {
    await start();
    await get('/items', { method: 'POST', body: 'ding dong', headers: { 'content-type': 'text/plain' } });
    expect(await web('/items')).toMatchObject({ body: 'ding dong' });
    expect(sandbox.emulator.meter().total).toMatchObject({
      edgeRequests: 1,
      edgeFunctionRuns: 0,
      httpRequests: 1,
    });
  });

  test('without an origin request policy brings neither headers, query nor cookies', async () => {
    await start();
    await get('/readonly1?a=1', { headers: { 'user-agent': 'bell/1', cookie: 'a=1', 'x-custom': 'yes' } });
    const { headers, rawQueryString, ...rest } = await web('/readonly1');
    expect([rawQueryString, headers['user-agent'], headers['x-custom'], 'cookies' in rest]).toEqual([
      '',
      'Amazon CloudFront',
      undefined,
      false,
    ]);
  });

  test('with the viewer’s Host is refused by API Gateway', async () => {
    await start();
    const answer = await get('/host');
    expect([answer.status, await answer.json(), answer.headers.get('x-cache')]).toEqual([
      403,
      { message: 'Forbidden' },
      'Error from cloudfront',
    ]);
  });

  test('is not redirected to https on this machine', async () => {
    await start();
    expect((await get('/items', { redirect: 'manual' })).status).toBe(200);
  });

  test.each([
    ['a method the behavior does not allow', '/readonly1', { method: 'POST', body: 'x' }, 403],
    ['a URL above 8 KB', `/items?${'x'.repeat(8200)}`, {}, 413],
  ])('%s is refused by CloudFront', async (...[, path, init, status]) => {
    await start();
    const answer = await get(path, init);
    expect([answer.status, answer.headers.get('server')]).toEqual([status, 'CloudFront']);
    expect(await answer.text()).toContain(`<H1>${status} ERROR</H1>`);
    expect(sandbox.emulator.meter().total.httpRequests).toBe(0);
  });

  test('a GET with a body is refused', async () => {
    await start();
    const status = await new Promise((resolve) => {
      const req = httpRequest(`${sandbox.emulator.urls.origin}/items`, { method: 'GET' }, (res) =>
        resolve(res.resume().statusCode),
      );
      req.setHeader('content-length', 1);
      req.end('x');
    });
    expect(status).toBe(403);
  });
});

test('a client that leaves is invisible to the function', async () => {
  await start();
  const leaving = new AbortController();
  const request = get('/poll?wait=300', { signal: leaving.signal });
  await web('/poll');
  leaving.abort();
  await expect(request).rejects.toThrow();
  while (sandbox.emulator.meter().pending > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(sandbox.emulator.meter().events['web $default']).toMatchObject({ lambdaInvocations: 1, errors: {} });
});

describe('an origin that is slow', () => {
  test('is asked again for a GET, then it is 504', async () => {
    await start();
    const answer = await get('/slow?wait=1500');
    expect([answer.status, answer.headers.get('server')]).toEqual([504, 'CloudFront']);
    expect(sandbox.count((event) => pathOf(event) === '/slow')).toBe(2);
  });

  test('is asked once for a POST, with its body', async () => {
    await start();
    expect((await get('/slow?wait=1500', { method: 'POST', body: 'once' })).status).toBe(504);
    expect(sandbox.count((event) => pathOf(event) === '/slow')).toBe(1);
  });
});

describe('a function on viewer requests', () => {
  test('changes the request; header names come out capitalised', async () => {
    await start();
    await get('/split/a?b=2', { headers: { 'x-secret': 'hush', 'x-low': '1', cookie: 'a=1' } });
    const { headers, rawQueryString, ...rest } = await web('/split/a');
    expect(headers['x-bell-edge']).toMatch(/^(127\.0\.0\.1|::1)$/);
    expect([headers['x-secret'], headers['x-low'], rawQueryString]).toEqual([undefined, '1', 'b=2']);
    expect((rest as { cookies?: string[] }).cookies).toEqual(['a=1']);
    expect(sandbox.emulator.meter().total).toMatchObject({ edgeRequests: 1, edgeFunctionRuns: 1 });
  });

  test('may answer by itself', async () => {
    await start();
    const answer = await get('/split/a?say=gone');
    expect([answer.status, answer.statusText, await answer.text()]).toEqual([410, 'Gone', 'moved away']);
    expect([answer.headers.get('x-why'), answer.headers.get('x-cache')]).toEqual([
      'moved',
      'FunctionGeneratedResponse from cloudfront',
    ]);
  });

  test.each([
    ['that throws', 'throw', 503],
    ['that returns nothing', 'nothing', 502],
    ['that changes a read-only header', 'host', 502],
  ])('one %s', async (_what, say, status) => {
    await start();
    const answer = await get(`/split/a?say=${say}`);
    expect([answer.status, answer.headers.get('x-cache')]).toEqual([
      status,
      'FunctionExecutionError from cloudfront',
    ]);
    expect(sandbox.logs.some(({ source, level }) => source === 'cloudfront/split' && level === 'error')).toBe(
      true,
    );
  });
});

test('a reload brings new code of a function', async () => {
  await start((resources) => {
    resources['Split']!.Properties['FunctionCode'] = 'function handler() { return { statusCode: 418 }; }';
  });
  expect((await get('/split/a')).status).toBe(418);
  await sandbox.emulator.reload(DOORBELL);
  expect((await get('/split/a')).status).toBe(200);
  expect(sandbox.logs.filter(({ message }) => message.includes('restart'))).toEqual([]);
});

describe('a WebSocket through CloudFront', () => {
  test('goes where the function sends it', async () => {
    await start();
    const client = await connect(sandbox.url('split/?transport=websocket&n=1'), {
      headers: { 'user-agent': 'bell/1', 'x-forwarded-for': '192.0.2.7' },
    });
    client.send('hello');
    expect(await client.next()).toBe('echo hello');
    const { requestContext, queryStringParameters, multiValueHeaders } = await sandbox.seen(
      (event) => event.type === 'REQUEST',
    );
    expect(queryStringParameters).toEqual({ transport: 'websocket', n: '1' });
    expect(requestContext.identity).toEqual({ sourceIp: '130.176.0.1', userAgent: 'bell/1' });
    expect(multiValueHeaders['X-Forwarded-For']?.[0]).toMatch(
      /^192\.0\.2\.7, (127\.0\.0\.1|::1), 130\.176\.0\.1$/,
    );
    expect(multiValueHeaders['Sec-Websocket-Version']).toEqual(['13']);
    client.socket.close();
  });

  test('reaches the stage directly under its own path', async () => {
    await start();
    const client = await connect(sandbox.url('ring'));
    const { requestContext } = await sandbox.seen((event) => event.type === 'REQUEST');
    expect(requestContext.identity['sourceIp']).not.toMatch(/^130/);
    expect(sandbox.emulator.meter().total.edgeRequests).toBe(0);
    client.socket.close();
  });

  test.each([
    ['the path is appended, and nothing is below a stage', 'direct', 403],
    ['the function answers', 'split/?say=gone', 410],
    ['the function fails', 'split/?say=throw', 503],
  ])('is refused when %s', async (_what, path, status) => {
    await start();
    expect(await refusal(sandbox.url(path))).toBe(status);
  });

  test('an HTTP API answers an upgrade as any request', async () => {
    await start();
    const error = await connect(sandbox.url('items')).catch((reason: unknown) => reason as Refused);
    expect(error).toMatchObject({ status: 200, body: '/items' });
  });

  test('a plain request to a WebSocket API is refused', async () => {
    await start();
    expect((await get('/split/?transport=websocket')).status).toBe(426);
  });

  test('is cut when nothing was sent to the client for ten minutes, whatever the client sends', async () => {
    // API Gateway's own idle timer is out of the way.
    sandbox = await startSandbox({ idleSeconds: 7_200 }, undefined, DOORBELL);
    const client = await connect(sandbox.url('split/?transport=websocket'));
    sandbox.emulator.clock.advance(500_000);
    client.send('hello');
    await client.next();
    sandbox.emulator.clock.advance(400_000);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    sandbox.emulator.clock.advance(200_001);
    expect((await client.closed).code).toBe(1006);
    const gone = await sandbox.seen((event) => event.requestContext?.eventType === 'DISCONNECT');
    expect(gone.requestContext.disconnectStatusCode).toBe(1006);
  });
});

describe('what is not emulated stops the start with an error that names the resource', () => {
  test.each<[string, (resources: Template['Resources']) => void, RegExp]>([
    [
      'a caching policy',
      (r) => (config(r).DefaultCacheBehavior['CachePolicyId'] = 'x'),
      /"Door".*CachePolicyId x/,
    ],
    [
      'another origin request policy',
      (r) => (config(r).DefaultCacheBehavior['OriginRequestPolicyId'] = 'x'),
      /"Door".*OriginRequestPolicyId x/,
    ],
    [
      'an origin elsewhere',
      (r) => (config(r).Origins[0]!['DomainName'] = 'example.org'),
      /"web" \(example\.org\)/,
    ],
    [
      'an unknown origin',
      (r) => (config(r).CacheBehaviors[0]!['TargetOriginId'] = 'none'),
      /"\/split\/\*".*"none"/,
    ],
    [
      'a function on responses',
      (r) =>
        Object.assign((config(r).CacheBehaviors[0]!['FunctionAssociations'] as object[])[0]!, {
          EventType: 'viewer-response',
        }),
      /viewer-request/,
    ],
    [
      'response headers policies',
      (r) => (config(r).DefaultCacheBehavior['ResponseHeadersPolicyId'] = 'x'),
      /ResponseHeadersPolicyId/,
    ],
    [
      'runtime 1.0',
      (r) => (r['Split']!.Properties['FunctionConfig'] = { Runtime: 'cloudfront-js-1.0' }),
      /"Split".*cloudfront-js-1\.0/,
    ],
    [
      'more than 10 KB of code',
      (r) => (r['Split']!.Properties['FunctionCode'] += `// ${'x'.repeat(10_240)}`),
      /"Split".*10240/,
    ],
  ])('%s', async (_title, change, error) => {
    await expect(start(change)).rejects.toThrow(error);
  });
});
