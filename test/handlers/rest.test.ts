import { handle } from 'hono/aws-lambda';
import { expect, test } from 'vitest';

import type { InMemory } from '../support/in-memory.ts';
import { createInMemory, EDGE_KEY } from '../support/in-memory.ts';

interface Result {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}
interface Request {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly sourceIp?: string;
}

/** An HTTP API event, payload format 2.0 (AWS "Create AWS Lambda proxy integrations for HTTP APIs"). */
function eventOf({ method, path, query = '', sourceIp = '192.0.2.1', ...request }: Request) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: {
      host: 'abc.execute-api.us-east-1.amazonaws.com',
      'x-forwarded-for': '203.0.113.9',
      ...request.headers,
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc',
      domainName: 'abc.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'abc',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: 'curl/8' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '11/Nov/2024:11:35:24 +0000',
      timeEpoch: 1731324924561,
    },
    isBase64Encoded: request.isBase64Encoded ?? false,
    body: request.body ?? null,
  };
}

async function serve(world: InMemory, request: Request): Promise<Result> {
  const handler = handle(world.rest) as unknown as (event: object) => Promise<Result>;
  return handler(eventOf(request));
}

const JSON_TYPE = { 'content-type': 'application/json' };
const registration = (username: string) =>
  JSON.stringify({ email: `${username}@example.com`, password: 'long enough', username });

test('an HTTP API event in, a text response out', async () => {
  const answer = await serve(createInMemory(), {
    method: 'POST',
    path: '/api/auth/register',
    headers: JSON_TYPE,
    body: registration('alice'),
  });
  expect(answer).toMatchObject({
    statusCode: 201,
    isBase64Encoded: false,
    headers: { 'cache-control': 'no-store' },
  });
  expect(JSON.parse(answer.body)).toMatchObject({
    user: { username: 'alice', createdAt: '2024-11-11T11:35:24.561Z' },
  });
});

test('a body that API Gateway encoded is read, and so is the query', async () => {
  const world = createInMemory();
  const body = Buffer.from(registration('alice')).toString('base64');
  const registered = await serve(world, {
    method: 'POST',
    path: '/auth/register',
    headers: JSON_TYPE,
    body,
    isBase64Encoded: true,
  });
  const { token } = JSON.parse(registered.body) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  expect(
    await serve(world, { method: 'GET', path: '/notifications', query: 'limit=0', headers }),
  ).toMatchObject({ statusCode: 400 });
  expect(
    await serve(world, { method: 'GET', path: '/notifications', query: 'limit=1', headers }),
  ).toMatchObject({
    statusCode: 200,
    body: '{"notifications":[]}',
  });
});

test('throttles count the address API Gateway saw, not the one a client claims', async () => {
  const limits = { windowSeconds: 900, loginsPerEmail: 9, loginsPerAddress: 9, registrationsPerAddress: 1 };
  const world = createInMemory({ limits });
  const attempt = (username: string, claimed: string, sourceIp: string) =>
    serve(world, {
      method: 'POST',
      path: '/auth/register',
      headers: { ...JSON_TYPE, 'x-forwarded-for': claimed },
      body: registration(username),
      sourceIp,
    });
  expect(await attempt('a', '203.0.113.1', '192.0.2.1')).toMatchObject({ statusCode: 201 });
  const refused = await attempt('b', '203.0.113.2', '192.0.2.1');
  expect(refused).toMatchObject({
    statusCode: 429,
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) as string },
  });
  expect(await attempt('c', '203.0.113.1', '192.0.2.2')).toMatchObject({ statusCode: 201 });
});

test('through CloudFront throttles count the viewer, not the edge all share, and not what it claims', async () => {
  const limits = { windowSeconds: 900, loginsPerEmail: 9, loginsPerAddress: 9, registrationsPerAddress: 1 };
  const world = createInMemory({ limits });
  const attempt = async (username: string, forwardedFor: string) => {
    const headers = { ...JSON_TYPE, 'x-causeway-edge': EDGE_KEY, 'x-forwarded-for': forwardedFor };
    const body = registration(username);
    const answer = await serve(world, { method: 'POST', path: '/auth/register', headers, body });
    expect(JSON.stringify([answer, world.logs])).not.toContain(EDGE_KEY);
    return answer.statusCode;
  };
  expect(await attempt('a', '203.0.113.1, 130.176.0.1')).toBe(201);
  expect(await attempt('b', '203.0.113.2, 130.176.0.1')).toBe(201);
  expect(await attempt('c', '192.0.2.99, 203.0.113.1, 130.176.0.1')).toBe(429);
});

test('a preflight is answered without a token', async () => {
  const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
  const answer = await serve(createInMemory(), { method: 'OPTIONS', path: '/chat/rooms', headers });
  expect(answer).toMatchObject({ statusCode: 204, headers: { 'access-control-allow-origin': '*' } });
});
