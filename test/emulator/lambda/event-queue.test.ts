import { beforeEach, describe, expect, test } from 'vitest';
import { createDueWork, type DueWork } from '../../../emulator/control/due-work.ts';
import type { Destinations } from '../../../emulator/lambda/destinations.ts';
import { createEventQueue } from '../../../emulator/lambda/event-queue.ts';
import type { Chaos, EmulatorLogEntry, InvokeOutcome, Resource } from '../../../emulator/types.ts';
import type { QueueDefinition } from '../../../emulator/sqs/model.ts';
import { Queue } from '../../../emulator/sqs/queue.ts';
import { FakeClock, CALM } from '../aws/aws.ts';
import { fakeStack } from './harness.ts';

const OK: InvokeOutcome = { kind: 'ok', payload: null };
const FAILED: InvokeOutcome = { kind: 'error', errorType: 'Error', errorMessage: 'broken' };
const TIMED_OUT: InvokeOutcome = { kind: 'timeout', errorMessage: 'Task timed out' };
const THROTTLED: InvokeOutcome = {
  kind: 'error',
  errorType: 'TooManyRequestsException',
  errorMessage: 'Rate Exceeded.',
};
const GONE: InvokeOutcome = { kind: 'error', errorType: 'ResourceNotFoundException', errorMessage: 'gone' };

let clock: FakeClock;
let due: DueWork;
let outcomes: InvokeOutcome[];
let runs: { requestId?: string | undefined; payload: unknown; at: number }[];
let logs: EmulatorLogEntry[];
let opened: string[];
let start: number;

beforeEach(() => {
  clock = new FakeClock();
  due = createDueWork(clock);
  [outcomes, runs, logs, opened, start] = [[], [], [], [], clock.now()];
});

function queueOf(
  config?: Record<string, unknown>,
  ...[chaos = CALM, destinations]: readonly [Chaos?, Destinations?]
) {
  const resource: Resource = {
    logicalId: 'Config',
    type: 'AWS::Lambda::EventInvokeConfig',
    properties: { FunctionName: 'fn', Qualifier: '$LATEST', ...config },
    ref: 'config',
  };
  const queue = createEventQueue({
    stack: fakeStack({ fn: {} }, config ? [resource] : []),
    clock,
    meter: {
      open: (label) => ({ id: opened.push(label), label }),
      close: (event) => void (opened[event.id - 1] += ' closed'),
      queuedInvoke: () => {},
    },
    chaos,
    lambda: {
      run: (_fn, payload, { requestId }) => {
        runs.push({ requestId, payload, at: (clock.now() - start) / 1000 });
        return Promise.resolve(outcomes.shift() ?? OK);
      },
    },
    due,
    latency: 'none',
    ...(destinations && { destinations }),
    log: (entry) => void logs.push(entry),
  });
  return () => queue.add({ functionName: 'fn', payload: { n: 1 }, label: 'fn async' });
}

/** Moves the clock from one due retry to the next until there is none. */
async function runAll(): Promise<number[]> {
  await due.settled(1000);
  for (let next = due.next(); next !== undefined; next = due.next()) {
    clock.advance(next - clock.now());
    await due.settled(1000);
  }
  return runs.map(({ at }) => at);
}

test('an event is delivered once, as an incoming event of its own', async () => {
  const { requestId, delivered } = queueOf()();
  await delivered;
  expect(await runAll()).toEqual([0]);
  expect(runs).toMatchObject([{ requestId, payload: { n: 1 } }]);
  expect(opened).toEqual(['fn async closed']);
});

describe('an event whose function fails', () => {
  test.each([FAILED, TIMED_OUT])(
    'is tried again after one and two minutes, then given up (%j)',
    async (failure) => {
      outcomes = [failure, failure, failure];
      queueOf()();
      expect(await runAll()).toEqual([0, 60, 180]);
      expect(new Set(runs.map(({ requestId }) => requestId)).size).toBe(1);
      expect(logs).toMatchObject([
        { level: 'error', source: 'lambda/fn', message: expect.stringMatching(/after 3 attempts/) },
      ]);
      expect(opened).toEqual(['fn async closed', 'fn async closed', 'fn async closed']);
    },
  );

  test('is done when an attempt succeeds', async () => {
    outcomes = [FAILED, OK];
    queueOf()();
    expect(await runAll()).toEqual([0, 60]);
    expect(logs).toEqual([]);
  });

  test('follows the function’s own configuration', async () => {
    outcomes = [FAILED, FAILED];
    queueOf({ MaximumRetryAttempts: 0 })();
    expect(await runAll()).toEqual([0]);
  });

  test('is not tried when it is too old', async () => {
    outcomes = [FAILED, FAILED, FAILED];
    queueOf({ MaximumEventAgeInSeconds: 90 })();
    expect(await runAll()).toEqual([0, 60]);
  });

  test('is not tried again when there is no such function', async () => {
    outcomes = [GONE];
    queueOf()();
    expect(await runAll()).toEqual([0]);
  });
});

test('a throttled event is tried with growing pauses until it is too old, whatever the retry attempts', async () => {
  outcomes = Array.from({ length: 50 }, () => THROTTLED);
  queueOf({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 1000 })();
  expect(await runAll()).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811]);
});

test('chaos may deliver it twice', async () => {
  queueOf({}, { ...CALM, strikes: (fault) => fault === 'duplicate-invoke' })();
  expect(await runAll()).toEqual([0, 0]);
  expect(runs[0]?.requestId).toBe(runs[1]?.requestId);
});

describe('an event that failed every time', () => {
  let letters: Queue;
  beforeEach(() => {
    letters = new Queue(
      { arn: 'arn:queue', retentionMs: 1e9, visibilityMs: 1, delayMs: 0 } as QueueDefinition,
      clock,
    );
  });
  const record = () => JSON.parse(letters.receive(1)[0]?.body ?? 'null') as unknown;

  test('goes to the destination, as Lambda tells it', async () => {
    outcomes = [FAILED, TIMED_OUT, FAILED];
    queueOf({}, CALM, new Map([['fn', letters]]))();
    await runAll();
    expect(record()).toEqual({
      version: '1.0',
      timestamp: new Date(start + 180_000).toISOString(),
      requestContext: {
        requestId: runs[0]?.requestId,
        functionArn: expect.stringMatching(/^arn:aws:lambda:.*:function:fn:\$LATEST$/),
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: { n: 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorMessage: 'broken', errorType: 'Error' },
    });
  });

  test('or was too old', async () => {
    outcomes = [FAILED, FAILED];
    queueOf({ MaximumEventAgeInSeconds: 90 }, CALM, new Map([['fn', letters]]))();
    await runAll();
    expect(record()).toMatchObject({ requestContext: { condition: 'EventAgeExceeded' } });
  });

  test('one that succeeds in the end does not', async () => {
    outcomes = [FAILED, FAILED, OK];
    queueOf({}, CALM, new Map([['fn', letters]]))();
    await runAll();
    expect(record()).toBeNull();
  });
});
