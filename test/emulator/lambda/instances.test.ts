import { afterEach, describe, expect, test, vi } from 'vitest';
import { LATENCY_MS } from '../../../emulator/lambda/latency.ts';
import { arnOf, fakeStack, startLambda, SOURCE } from './harness.ts';
import type { Harness } from './harness.ts';

interface Who {
  readonly instance: string;
  readonly events: number;
}

let lambda: Harness;
afterEach(() => lambda.service.close());

describe('a pool of instances', () => {
  test('keeps module state between events of one instance', async () => {
    lambda = startLambda({ fn: {} });
    const first = await lambda.ask<Who>('fn', { do: 'who' });
    const second = await lambda.ask<Who>('fn', { do: 'who' });
    expect(second).toEqual({ instance: first.instance, events: 2 });
  });

  test('a wake-up that comes when the event is over already is none', async () => {
    lambda = startLambda({ fn: {} });
    const wake = vi.spyOn(Atomics, 'notify');
    const first = await lambda.ask<Who>('fn', { do: 'who' });
    const [signal, index] = wake.mock.calls.at(-1)!;
    wake.mockRestore();
    // The main thread was held up between raising the signal and this.
    await vi.waitFor(() => expect(Atomics.notify(signal, index)).toBe(1));
    expect(await lambda.ask<Who>('fn', { do: 'who' })).toEqual({ instance: first.instance, events: 2 });
  });

  test('gives each instance one event at a time and starts another when none is idle', async () => {
    lambda = startLambda({ fn: {} });
    const asked = [1, 2, 3].map(() => lambda.ask<Who>('fn', { do: 'holdForClock' }));
    await vi.waitFor(
      () => expect(lambda.logs.filter(({ message }) => message === 'holding')).toHaveLength(3),
      { timeout: 8_000 },
    );
    lambda.clock.advance(3_600_000);
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ instance }) => instance)).size).toBe(3);
  });

  test('grows above its limit while functions hold the instances, so that a long poll keeps nobody out', async () => {
    lambda = startLambda({ fn: {} });
    const holds = Array.from({ length: 20 }, () => lambda.ask<Who>('fn', { do: 'holdForClock' }));
    await vi.waitFor(
      () => expect(lambda.logs.filter(({ message }) => message === 'holding')).toHaveLength(20),
      { timeout: 8_000 },
    );
    expect(await lambda.ask<Who>('fn', { do: 'who' })).toMatchObject({ events: 1 });
    lambda.clock.advance(3_600_000);
    expect(new Set((await Promise.all(holds)).map(({ instance }) => instance)).size).toBe(20);
  });

  test('does not grow for a burst of short events', async () => {
    lambda = startLambda({ fn: {} });
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => lambda.ask<Who>('fn', { do: 'who' })),
    );
    expect(new Set(answers.map(({ instance }) => instance)).size).toBeLessThanOrEqual(8);
  });

  test('lets events wait in order when the limit is reached', async () => {
    lambda = startLambda({ fn: {} }, { concurrency: 1 });
    const order: number[] = [];
    const answers = await Promise.all(
      [0, 1, 2, 3].map(async (i) => {
        const answer = await lambda.ask<Who>('fn', { do: 'who' });
        order.push(i);
        return answer;
      }),
    );
    expect(order).toEqual([0, 1, 2, 3]);
    expect(answers.map(({ events }) => events)).toEqual([1, 2, 3, 4]);
    expect(new Set(answers.map(({ instance }) => instance)).size).toBe(1);
  });

  test('prefers the instance that was used last', async () => {
    lambda = startLambda({ fn: {} });
    const shorter = lambda.ask<Who>('fn', { do: 'hold', ms: 150 });
    const last = await lambda.ask<Who>('fn', { do: 'hold', ms: 400 });
    await shorter;
    for (let i = 0; i < 3; i += 1)
      expect((await lambda.ask<Who>('fn', { do: 'who' })).instance).toBe(last.instance);
  });

  test('counts cold and warm runs, and bills the start of the instance', async () => {
    lambda = startLambda({ fn: {} });
    await lambda.ask('fn');
    const cold = lambda.meter.report().total;
    await lambda.ask('fn');
    const warm = lambda.meter.report().total;
    expect(cold.lambdaInvocations).toBe(1);
    expect(cold.lambdaBilledMs).toBeGreaterThan(5);
    expect(warm.lambdaInvocations).toBe(2);
    expect(warm.lambdaBilledMs - cold.lambdaBilledMs).toBeLessThan(cold.lambdaBilledMs);
    expect(
      lambda.logs
        .filter(({ message }) => message === 'REPORT')
        .map(({ fields }) => 'initMs' in (fields ?? {})),
    ).toEqual([true, false]);
  });

  test('refuses events above the reserved concurrency', async () => {
    lambda = startLambda({ fn: { properties: { ReservedConcurrentExecutions: 1 } } });
    const first = lambda.ask('fn', { do: 'hold', ms: 50 });
    expect(await lambda.invoke('fn')).toEqual({
      kind: 'error',
      errorType: 'TooManyRequestsException',
      errorMessage: 'Rate Exceeded.',
    });
    await first;
  });

  test('waits before a cold start when chaos says so', async () => {
    const asked: string[] = [];
    lambda = startLambda(
      { fn: {} },
      { chaos: { delay: (site) => (asked.push(site), 60), strikes: () => false } },
    );
    const start = performance.now();
    await lambda.ask('fn');
    expect(performance.now() - start).toBeGreaterThanOrEqual(55);
    await lambda.ask('fn');
    expect(asked).toEqual(['cold-start']);
  });

  test('adds the typical latencies of AWS when asked to', async () => {
    lambda = startLambda({ fn: {} }, { latency: 'aws' });
    const timed = async () => {
      const start = performance.now();
      await lambda.ask('fn');
      return performance.now() - start;
    };
    expect(await timed()).toBeGreaterThanOrEqual(LATENCY_MS.invoke + LATENCY_MS.coldStart - 2);
    expect(await timed()).toBeGreaterThanOrEqual(LATENCY_MS.invoke - 1);
  });
});

describe('finding a function', () => {
  const alias = {
    logicalId: 'Live',
    type: 'AWS::Lambda::Alias',
    properties: { Name: 'live', FunctionName: 'fn' },
    ref: `${arnOf('fn')}:live`,
  };

  test.each([
    ['a name', 'fn', arnOf('fn')],
    ['an ARN', arnOf('fn'), arnOf('fn')],
    ['an ARN with an alias', `${arnOf('fn')}:live`, `${arnOf('fn')}:live`],
    [
      'an integration URI',
      `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arnOf('fn')}/invocations`,
      arnOf('fn'),
    ],
    [
      'an integration URI with an alias',
      `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arnOf('fn')}:live/invocations`,
      `${arnOf('fn')}:live`,
    ],
  ])('works by %s', async (_what, fn, arn) => {
    lambda = startLambda({}, { stack: fakeStack({ fn: {} }, [alias]) });
    expect(await lambda.ask(fn, { do: 'context' })).toMatchObject({ invokedFunctionArn: arn });
  });

  test.each(['other', arnOf('other'), `${arnOf('fn')}:stale`, 'not a function'])(
    'says that %s does not exist',
    async (fn) => {
      lambda = startLambda({}, { stack: fakeStack({ fn: {} }, [alias]) });
      expect(await lambda.invoke(fn)).toMatchObject({
        kind: 'error',
        errorType: 'ResourceNotFoundException',
      });
      expect(lambda.meter.report().total.lambdaInvocations).toBe(0);
    },
  );

  test('says that a function of another language cannot run here', async () => {
    lambda = startLambda({ fn: { properties: { Runtime: 'python3.12' } } });
    expect(await lambda.invoke('fn')).toMatchObject({
      kind: 'error',
      errorMessage: expect.stringContaining('python3.12'),
    });
  });

  test('runs nothing for a caller without permission', async () => {
    const asked: unknown[] = [];
    lambda = startLambda({ fn: {} }, { mayInvoke: (id, source) => (asked.push([id, source]), false) });
    const outcome = await lambda.invoke('fn');
    expect(outcome).toMatchObject({
      kind: 'forbidden',
      errorMessage: expect.stringContaining(
        'apigateway.amazonaws.com is not authorized to perform: lambda:InvokeFunction',
      ),
    });
    expect(asked).toEqual([['fn', SOURCE]]);
    expect(lambda.meter.report().total.lambdaInvocations).toBe(0);
  });
});

describe('reload', () => {
  test('gives changed functions new instances and lets running events finish on the old ones', async () => {
    lambda = startLambda({ changed: {}, same: {} });
    const before = {
      changed: await lambda.ask<Who>('changed', { do: 'who' }),
      same: await lambda.ask<Who>('same', { do: 'who' }),
    };
    const running = lambda.ask<Who>('changed', { do: 'hold', ms: 60 });
    lambda.service.reload(
      fakeStack({ changed: { code: 'classic', properties: { Handler: 'index.plain' } }, same: {} }),
    );
    expect(await lambda.ask('changed', 7)).toEqual({ plain: 7 });
    expect((await running).instance).toBe(before.changed.instance);
    expect(await lambda.ask('changed', 8)).toEqual({ plain: 8 });
    expect((await lambda.ask<Who>('same', { do: 'who' })).instance).toBe(before.same.instance);
  });

  test('notices a changed variable', async () => {
    lambda = startLambda({ fn: {} });
    const before = await lambda.ask<Who>('fn', { do: 'who' });
    lambda.service.reload(fakeStack({ fn: { properties: { Environment: { Variables: { A: '1' } } } } }));
    expect((await lambda.ask<Who>('fn', { do: 'who' })).instance).not.toBe(before.instance);
    expect(await lambda.ask('fn', { do: 'env' })).toMatchObject({ A: '1' });
  });

  test('knows new functions and no longer those that are gone', async () => {
    lambda = startLambda({ old: {} });
    await lambda.ask('old');
    lambda.service.reload(fakeStack({ fresh: {} }));
    expect(await lambda.invoke('old')).toMatchObject({ errorType: 'ResourceNotFoundException' });
    expect(await lambda.ask('fresh', { do: 'echo', value: 1 })).toBe(1);
  });
});

describe('close', () => {
  test('ends running and waiting events and refuses later ones', async () => {
    lambda = startLambda({ fn: {} }, { concurrency: 1 });
    await lambda.ask('fn');
    const open = [lambda.invoke('fn', { do: 'hold', ms: 10_000 }), lambda.invoke('fn')];
    await lambda.service.close();
    for (const outcome of await Promise.all(open))
      expect(outcome).toMatchObject({ kind: 'error', errorMessage: 'The emulator is closed.' });
    expect(await lambda.invoke('fn')).toMatchObject({ kind: 'error' });
  });

  test('leaves no handle behind, whatever state the instances were in', async () => {
    lambda = startLambda({ idle: {}, busy: {}, starting: {}, dead: {} });
    const handles = () =>
      process.getActiveResourcesInfo().filter((kind) => /MessagePort|Timeout|Worker/.test(kind)).length;
    const before = handles();
    await lambda.ask('idle');
    await lambda.invoke('dead', { do: 'exit', code: 1 });
    await lambda.ask('busy');
    void lambda.invoke('busy', { do: 'spin' });
    void lambda.invoke('starting');
    expect(handles()).toBeGreaterThan(before);
    await lambda.service.close();
    expect(handles()).toBeLessThanOrEqual(before);
  });
});

describe('an instance that is stopped', () => {
  // Should this ever fail, it takes the whole test run with it, as it took the emulator.
  test('while it makes compression streams ends alone', async () => {
    for (let round = 0; round < 25; round++) {
      lambda = startLambda({ fn: {} });
      const asked = lambda.invoke('fn', { do: 'compress' });
      await vi.waitFor(
        () => expect(lambda.logs.some(({ message }) => message === 'compressing')).toBe(true),
        {
          interval: 1,
          timeout: 8_000,
        },
      );
      await lambda.service.close();
      expect(await asked).not.toMatchObject({ kind: 'ok' });
    }
  }, 60_000);
});
