import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { arnOf, fixture, startLambda } from './harness.ts';
import type { Harness } from './harness.ts';

let lambda: Harness;
afterEach(() => lambda.service.close());

describe('the environment', () => {
  test('is what the template and the managed runtime set, nothing of this machine', async () => {
    process.env['MARKER_OF_THE_HOST'] = 'leaked';
    lambda = startLambda({
      fn: { properties: { Environment: { Variables: { TABLE: 'items', EMPTY: '', NUMBER: 5 } } } },
    });
    const env = await lambda.ask<Record<string, string>>('fn', { do: 'env' });
    delete process.env['MARKER_OF_THE_HOST'];
    expect(env).toEqual({
      TABLE: 'items',
      EMPTY: '',
      NUMBER: '5',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'fn',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_FORMAT: 'Text',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/fn',
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      AWS_ACCESS_KEY_ID: 'AKIAfn',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      LAMBDA_TASK_ROOT: fixture('toolbox'),
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(
        /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
      ),
      NODE_PATH: expect.stringContaining('/opt/nodejs/node24/node_modules'),
      PATH: expect.any(String),
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
    });
  });

  test('has no command line options of this process either', async () => {
    lambda = startLambda({ fn: {} });
    expect(await lambda.ask('fn', { do: 'process' })).toEqual({
      argv: ['--no-warnings'],
      cwd: fixture('toolbox'),
    });
  });
});

describe('the context', () => {
  test('is that of the managed runtime', async () => {
    lambda = startLambda({ fn: { properties: { MemorySize: 512, LoggingConfig: { LogGroup: 'group' } } } });
    expect(await lambda.ask('fn', { do: 'context' })).toEqual({
      callbackWaitsForEmptyEventLoop: true,
      functionName: 'fn',
      functionVersion: '$LATEST',
      invokedFunctionArn: arnOf('fn'),
      memoryLimitInMB: '512',
      awsRequestId: expect.stringMatching(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/),
      logGroupName: 'group',
      logStreamName: expect.stringContaining('[$LATEST]'),
      remaining: expect.any(Number),
      trace: expect.any(String),
    });
  });

  test('counts the remaining time down in real time', async () => {
    lambda = startLambda({ fn: {} });
    const passed = await lambda.ask<number>('fn', { do: 'remainingAfter', ms: 50 });
    expect(passed).toBeGreaterThanOrEqual(48);
    expect(passed).toBeLessThan(4_000);
  });
});

describe('between events', () => {
  test('the instance is frozen: work left behind does not go on', async () => {
    lambda = startLambda({ fn: {} });
    await lambda.ask('fn', { do: 'leave' });
    await wait(150);
    // Thawing lets what is overdue happen, once: a timer of 1 ms has not ticked 150 times.
    const { ticks } = await lambda.ask<{ ticks: number }>('fn', { do: 'look' });
    expect(ticks).toBeLessThanOrEqual(3);
  });

  test('work left behind goes on during the next event', async () => {
    lambda = startLambda({ fn: {} });
    await lambda.ask('fn', { do: 'leave' });
    await lambda.ask('fn', { do: 'hold', ms: 40 });
    const { ticks, leftover } = await lambda.ask<{ ticks: number; leftover: string }>('fn', { do: 'look' });
    expect(leftover).toBe('finished');
    expect(ticks).toBeGreaterThan(3);
  });
});

describe('time inside', () => {
  const DAY = 86_400_000;

  test('follows the emulated clock', async () => {
    lambda = startLambda({ fn: {} });
    await lambda.ask('fn');
    lambda.clock.advance(DAY);
    const time = await lambda.ask<Record<string, unknown>>('fn', { do: 'time' });
    for (const key of ['now', 'date']) {
      expect(time[key]).toBeGreaterThan(Date.now() + DAY - 60_000);
      expect(time[key]).toBeLessThanOrEqual(lambda.clock.now());
    }
    expect(new Date(time['text'] as string).getTime()).toBeGreaterThan(Date.now() + DAY - 60_000);
    expect(time).toMatchObject({
      isDate: true,
      fixed: 5,
      json: '1970-01-01T00:00:00.000Z',
      tag: '[object Date]',
    });
  });

  test('leaves timers and timeouts real', async () => {
    lambda = startLambda({ fn: {} });
    await lambda.ask('fn');
    const held = lambda.ask<unknown>('fn', { do: 'remainingAfter', ms: 50 });
    lambda.clock.advance(DAY);
    expect(await held).toBeLessThan(4_000);
  });
});

describe('what a function prints', () => {
  test('becomes log entries, JSON lines with their fields', async () => {
    lambda = startLambda({ fn: {} });
    await lambda.ask('fn', { do: 'print' });
    const printed = lambda.logs.filter(({ message }) => message !== 'REPORT');
    for (const { source } of printed) expect(source).toBe('lambda/fn');
    expect(printed.map(({ level, message }) => [level, message]).slice(0, 8)).toEqual([
      ['info', 'hello there'],
      ['warn', 'careful'],
      ['error', 'bad'],
      ['debug', 'fine print'],
      ['warn', 'structured'],
      ['info', 'a line'],
      ['error', 'to stderr'],
      ['info', 'the start of another'],
    ]);
    expect(printed[4]?.fields).toEqual({ level: 'WARN', message: 'structured', room: 'r1' });
  });

  test('includes warnings of Node.js', async () => {
    lambda = startLambda({ fn: {} });
    await lambda.ask('fn', { do: 'print' });
    await lambda.ask('fn');
    expect(lambda.logs).toContainEqual({
      level: 'warn',
      source: 'lambda/fn',
      message: 'Warning: deprecated thing',
    });
  });

  test('arrives although the instance dies, whole lines at least', async () => {
    lambda = startLambda({ fn: {} });
    await lambda.invoke('fn', { do: 'exit', code: 0 });
    expect(lambda.logs.map(({ message }) => message)).toContain('last words');
  });
});

describe('other hosts', () => {
  test('are reached directly', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    let connections = 0;
    server.on('connection', () => (connections += 1));
    lambda = startLambda({ fn: {} });
    await lambda.ask('fn', { do: 'elsewhere', port: (server.address() as AddressInfo).port });
    expect(connections).toBe(1);
    server.close();
  });

  test('of AWS are not reached by fetch, and the error says what to do', async () => {
    lambda = startLambda({ fn: {} });
    expect(
      await lambda.ask('fn', { do: 'fetch', url: 'https://dynamodb.us-east-1.amazonaws.com/' }),
    ).toContain('through node:https only');
  });
});
