import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startLambda } from './harness.ts';
import type { Harness } from './harness.ts';

let lambda: Harness;
afterEach(() => lambda.service.close());

const alive = async (fn = 'fn') => expect(await lambda.ask(fn, { do: 'echo', value: 'alive' })).toBe('alive');
const errors = () => lambda.meter.report().total.errors;

describe('what a handler returns', () => {
  test('is turned into JSON and back: undefined becomes null, dates text', async () => {
    lambda = startLambda({ fn: {} });
    expect(await lambda.ask('fn', { do: 'nothing' })).toBeNull();
    expect(await lambda.ask('fn', { do: 'dates' })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      list: [null, null],
    });
    expect(await lambda.invoke('fn', { do: 'circular' })).toEqual({
      kind: 'error',
      errorType: 'Error',
      errorMessage: 'Unable to stringify response body',
    });
  });

  test('may be 6 MB and no more', async () => {
    lambda = startLambda({ fn: {} });
    expect(await lambda.ask<string>('fn', { do: 'big', bytes: 6_291_554 })).toHaveLength(6_291_554);
    expect(await lambda.invoke('fn', { do: 'big', bytes: 6_291_555 })).toMatchObject({
      kind: 'error',
      errorType: 'Function.ResponseSizeTooLarge',
    });
  });

  test('comes through a callback before Node.js 24', async () => {
    lambda = startLambda({
      old: { code: 'classic', properties: { Runtime: 'nodejs22.x' } },
      now: { code: 'classic' },
    });
    expect(await lambda.ask('old', { a: 1 })).toEqual({ got: { a: 1 } });
    expect(await lambda.invoke('old', { fail: true })).toEqual({
      kind: 'error',
      errorType: 'Error',
      errorMessage: 'called back',
    });
    expect(await lambda.invoke('now')).toMatchObject({
      kind: 'error',
      errorType: 'Runtime.CallbackHandlerDeprecated',
    });
  });
});

describe('a handler that throws', () => {
  test('is reported with name and message, and its instance stays', async () => {
    lambda = startLambda({ fn: {} });
    const before = await lambda.ask<{ instance: string }>('fn', { do: 'who' });
    expect(await lambda.invoke('fn', { do: 'throw', message: 'bad input' })).toEqual({
      kind: 'error',
      errorType: 'TypeError',
      errorMessage: 'bad input',
    });
    expect(await lambda.invoke('fn', { do: 'throwText' })).toEqual({
      kind: 'error',
      errorType: 'string',
      errorMessage: 'just text',
    });
    expect(await lambda.ask('fn', { do: 'who' })).toEqual({ instance: before.instance, events: 4 });
    expect(errors()).toEqual({ 'lambda:fn TypeError': 1, 'lambda:fn string': 1 });
    expect(lambda.logs.find(({ message }) => message === 'TypeError: bad input')).toMatchObject({
      level: 'error',
      source: 'lambda/fn',
      fields: { stack: expect.arrayContaining([expect.stringContaining('index.mjs')]) },
    });
  });
});

describe('a function that cannot be loaded', () => {
  test.each([
    ['throws', 'init-error', 'index.handler', 'TypeError', 'no configuration'],
    [
      'misses a package',
      'missing-import',
      'index.handler',
      'Runtime.ImportModuleError',
      'a-package-nobody-has',
    ],
    [
      'exits',
      'exits-while-loading',
      'index.handler',
      'Runtime.ExitError',
      'Error: Runtime exited with error: exit status 3',
    ],
    [
      'has no such file',
      'toolbox',
      'main.handler',
      'Runtime.ImportModuleError',
      "Error: Cannot find module 'main'",
    ],
    [
      'has no such export',
      'toolbox',
      'index.other',
      'Runtime.HandlerNotFound',
      'index.other is undefined or not exported',
    ],
    [
      'exports no function',
      'toolbox',
      'index.notAFunction',
      'Runtime.HandlerNotFound',
      'index.notAFunction is not a function',
    ],
    ['names no handler', 'toolbox', 'index', 'Runtime.MalformedHandlerName', 'Bad handler'],
  ])('because it %s fails each event, and bills it', async (...[, code, Handler, errorType, message]) => {
    lambda = startLambda({ fn: { code, properties: { Handler } } });
    const outcomes = await Promise.all([lambda.invoke('fn'), lambda.invoke('fn')]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        kind: 'error',
        errorType,
        errorMessage: expect.stringContaining(message),
      });
    const { total } = lambda.meter.report();
    expect(total).toMatchObject({ lambdaInvocations: 2, errors: { [`lambda:fn ${errorType}`]: 2 } });
    expect(total.lambdaBilledMs).toBeGreaterThan(2);
  });

  test('because of a syntax error says so', async () => {
    const code = await mkdtemp(join(tmpdir(), 'emulator-syntax-'));
    await writeFile(join(code, 'index.mjs'), 'export const handler = async () => {');
    lambda = startLambda({ fn: { code } });
    expect(await lambda.invoke('fn')).toMatchObject({
      errorType: 'Runtime.UserCodeSyntaxError',
      errorMessage: expect.stringMatching(/^SyntaxError: /),
    });
    await rm(code, { recursive: true });
  });

  test('because a variable is reserved is refused at once', () => {
    const start = (Variables: Record<string, string>) =>
      startLambda({ fn: { properties: { Environment: { Variables } } } });
    expect(() => start({ AWS_REGION: 'x', OK: '1' })).toThrow(
      'fn: Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION',
    );
    expect(() => start({ LONG: 'x'.repeat(5000) })).toThrow('exceeded the 4KB limit');
  });

  test('because its NODE_OPTIONS are impossible fails its events', async () => {
    lambda = startLambda({
      fn: { properties: { Environment: { Variables: { NODE_OPTIONS: '--no-such-option' } } } },
    });
    expect(await lambda.invoke('fn')).toMatchObject({
      kind: 'error',
      errorType: 'Runtime.InvalidConfiguration',
    });
  });

  test('can have a nested handler', async () => {
    lambda = startLambda({ fn: { properties: { Handler: 'index.nested.inner' } } });
    expect(await lambda.ask('fn')).toBe('nested');
  });
});

describe('an instance that dies', () => {
  test.each([
    [
      'process.exit(1)',
      { do: 'exit', code: 1 },
      'Runtime.ExitError',
      /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 1$/,
    ],
    [
      'process.exit(0)',
      { do: 'exit', code: 0 },
      'Runtime.ExitError',
      /^RequestId: [0-9a-f-]{36} Error: Runtime exited without providing a reason$/,
    ],
    [
      'an unhandled rejection',
      { do: 'reject' },
      'Runtime.UnhandledPromiseRejection',
      /^Error: nobody caught this$/,
    ],
    ['an uncaught error', { do: 'uncaught' }, 'RangeError', /^out of nowhere$/],
    [
      'a promise that never settles',
      { do: 'never' },
      'Runtime.NodeJsExit',
      /a Promise that was never settled/,
    ],
  ])(
    'of %s fails its event, and the next one gets a new instance',
    async (...[, payload, errorType, message]) => {
      lambda = startLambda({ fn: {} });
      const before = await lambda.ask<{ instance: string }>('fn', { do: 'who' });
      expect(await lambda.invoke('fn', payload)).toEqual({
        kind: 'error',
        errorType,
        errorMessage: expect.stringMatching(message),
      });
      const after = await lambda.ask<{ instance: string; events: number }>('fn', { do: 'who' });
      expect(after.instance).not.toBe(before.instance);
      expect(after.events).toBe(1);
    },
  );

  test('of too little memory takes nothing else with it', async () => {
    lambda = startLambda({ small: { properties: { MemorySize: 128, Timeout: 30 } }, other: {} });
    const other = await lambda.ask<{ instance: string }>('other', { do: 'who' });
    expect(await lambda.invoke('small', { do: 'hog' })).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('signal: killed'),
    });
    expect(await lambda.ask('other', { do: 'who' })).toEqual({ instance: other.instance, events: 2 });
    await alive('small');
  }, 30_000);
});

describe('the timeout of the template', () => {
  test.each(['hold', 'spin'])('ends an event that would %s on', async (deed) => {
    lambda = startLambda({ fn: { properties: { Timeout: 1 } } });
    const before = await lambda.ask<{ instance: string }>('fn', { do: 'who' });
    const outcome = await lambda.invoke('fn', { do: deed, ms: 60_000 });
    expect(outcome).toEqual({
      kind: 'timeout',
      errorMessage: expect.stringMatching(
        /^\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-f-]{36} Task timed out after 1\.00 seconds$/,
      ),
    });
    expect(errors()).toEqual({ 'lambda:fn timeout': 1 });
    expect(lambda.meter.report().total.lambdaBilledMs).toBeGreaterThanOrEqual(1001);
    expect((await lambda.ask<{ instance: string }>('fn', { do: 'who' })).instance).not.toBe(before.instance);
  });

  test('does not pass to the next event', async () => {
    lambda = startLambda({ fn: { properties: { Timeout: 1 } } });
    await lambda.ask('fn', { do: 'hold', ms: 700 });
    await lambda.ask('fn', { do: 'hold', ms: 700 });
  });
});
