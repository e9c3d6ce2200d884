import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAwsStub } from './aws-stub.ts';
import type { AwsStub, Seen } from './aws-stub.ts';
import { fixture, startLambda } from './harness.ts';
import type { Harness } from './harness.ts';

let directory: string;
let aws: AwsStub;
let lambda: Harness;

function answer({ path, body }: Seen, res: ServerResponse, nth: number): void {
  res.setHeader('content-type', 'application/x-amz-json-1.0');
  if (path.endsWith('/never')) return;
  if (path.includes('@connections'))
    return void res
      .writeHead(
        path.endsWith('/gone') ? 410 : 200,
        path.endsWith('/gone') ? { 'x-amzn-errortype': 'GoneException' } : {},
      )
      .end();
  if (body.includes('"broken"')) return void res.destroy();
  if (body.includes('"flaky"') && nth === 1)
    return void res.writeHead(500).end('{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}');
  res.end(JSON.stringify({ Item: { pk: { S: 'a' } } }));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'emulator-sdk-'));
  const entryPoints = [join(fixture('sdk'), 'source.mjs')];
  await build({
    entryPoints,
    outfile: join(directory, 'index.mjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
});
afterAll(() => rm(directory, { recursive: true }));
beforeEach(async () => {
  aws = await startAwsStub(answer);
  lambda = startLambda({ fn: { code: directory } }, { awsEndpoint: () => aws.endpoint });
});
afterEach(async () => {
  await lambda.service.close();
  await aws.close();
});

describe('bundled AWS SDK clients', () => {
  test('talk to the endpoint with signatures over the real host', async () => {
    expect(await lambda.ask('fn', { plan: 'send' })).toEqual({ pk: { S: 'a' } });
    const [first] = aws.seen;
    expect(first).toMatchObject({ host: 'dynamodb.us-east-1.amazonaws.com', method: 'POST' });
    expect(first?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAfn\/\d{8}\/us-east-1\/dynamodb\/aws4_request, SignedHeaders=[^,]*host/,
    );
    expect(first?.headers.authorization).not.toContain('x-emulator');
    expect(first?.headers['x-amz-security-token']).toBe('token');
    const posts = aws.seen.filter(({ path }) => path.includes('@connections'));
    expect(posts.map(({ path, host, body }) => [path, host, body])).toContainEqual([
      '/prod/@connections/A%3D',
      'abc123.execute-api.us-east-1.amazonaws.com',
      '{"hello":"A="}',
    ]);
  });

  test('make calls together at one depth, also on a cold start', async () => {
    await lambda.ask('fn', { plan: 'send' });
    expect(aws.seen.map(({ depth }) => depth)).toEqual([1, 1, 2, 2, 2]);
    await lambda.ask('fn', { plan: 'send' });
    expect(aws.seen.slice(5).map(({ depth, event }) => [depth, event])).toEqual([
      [1, 2],
      [1, 2],
      [2, 2],
      [2, 2],
      [2, 2],
    ]);
  });

  test('say nothing about the Node.js of this machine', async () => {
    await lambda.ask('fn', { plan: 'send' });
    expect(lambda.logs.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('sign with the emulated time', async () => {
    await lambda.ask('fn', { plan: 'send' });
    lambda.clock.advance(3 * 86_400_000);
    await lambda.ask('fn', { plan: 'send' });
    const day = new Date(lambda.clock.now()).toISOString().slice(0, 10).replaceAll('-', '');
    expect(aws.seen[5]?.headers['x-amz-date']).toContain(day);
  });

  test('see errors of the service', async () => {
    expect(await lambda.ask('fn', { plan: 'gone' })).toEqual({ name: 'GoneException', status: 410 });
  });

  test('retry, each attempt one deeper', async () => {
    expect(await lambda.ask('fn', { plan: 'retried' })).toBe(2);
    expect(aws.seen.map(({ depth }) => depth)).toEqual([1, 2]);
  });

  test('see lost connections, aborts and timeouts', async () => {
    expect(await lambda.ask('fn', { plan: 'broken' })).toBe('ECONNRESET');
    expect(await lambda.ask('fn', { plan: 'abort' })).toBe('AbortError');
    expect(await lambda.ask('fn', { plan: 'timeout' })).toBe('TimeoutError');
  });

  test('can be destroyed, which closes their connections, and used again', async () => {
    expect(await lambda.ask('fn', { plan: 'destroyed' })).toEqual({ pk: { S: 'a' } });
    expect(aws.connections()).toBe(2);
  });
});
