import { describe, expect, test } from 'vitest';
import { createMeter } from '../../../emulator/meter/meter.ts';
import { costOf, PRICES } from '../../../emulator/meter/prices.ts';
import type { AwsCall } from '../../../emulator/types.ts';

const call = (operation: string, rest: Partial<AwsCall> = {}): AwsCall => ({
  operation,
  depth: 1,
  readUnits: 0,
  writeUnits: 0,
  bytes: 0,
  outcome: 'ok',
  ...rest,
});
const run = (rest = {}) => ({
  functionName: 'fn',
  billedMs: 10,
  memoryMb: 512,
  cold: false,
  outcome: 'ok',
  ...rest,
});

describe('the meter', () => {
  test('adds up what an event caused, under its label and in total', () => {
    const meter = createMeter();
    const event = meter.open('api send');
    meter.message(event, 'in', 100);
    meter.invocation(event, run());
    meter.call(event, call('dynamodb:Query', { readUnits: 0.5, bytes: 900 }));
    meter.call(event, call('dynamodb:PutItem', { writeUnits: 1, bytes: 300 }));
    for (let i = 0; i < 3; i += 1)
      meter.call(
        event,
        call('execute-api:POST', { depth: 2, bytes: 100, outcome: i === 0 ? 'GoneException' : 'ok' }),
      );
    meter.message(event, 'out', 50);
    meter.close(event);
    const expected = {
      count: 1,
      lambdaInvocations: 1,
      lambdaBilledMs: 10,
      serialAwsCalls: 2,
      managementPosts: 3,
      messagesIn: 1,
      messagesOut: 1,
      httpRequests: 0,
      readUnits: 0.5,
      writeUnits: 1,
      bytes: 1650,
      calls: { 'dynamodb:Query': 1, 'dynamodb:PutItem': 1, 'execute-api:POST': 3 },
      errors: { 'execute-api:POST GoneException': 1 },
    };
    expect(meter.report().events).toEqual({ 'api send': expected });
    const background = {
      queuedInvokes: 0,
      scheduledInvokes: 0,
      queueRequests: 0,
      busEvents: 0,
      edgeRequests: 0,
      edgeFunctionRuns: 0,
    };
    expect(meter.report().total).toEqual({ ...expected, ...background, connectionMinutes: 0 });
  });

  test('keeps labels apart and takes the longest chain of any event', () => {
    const meter = createMeter();
    const [a, b, c] = [meter.open('x'), meter.open('x'), meter.open('y')];
    meter.call(a, call('s:A', { depth: 2 }));
    meter.call(b, call('s:A', { depth: 1 }));
    meter.call(c, call('s:A', { depth: 3 }));
    const { events, total } = meter.report();
    expect([events['x']?.serialAwsCalls, events['y']?.serialAwsCalls, total.serialAwsCalls]).toEqual([
      2, 3, 3,
    ]);
    expect([events['x']?.count, events['y']?.count, total.count]).toEqual([2, 1, 3]);
  });

  test('knows the depth an event has reached', () => {
    const meter = createMeter();
    const [a, b] = [meter.open('x'), meter.open('x')];
    meter.call(a, call('s:A', { depth: 2 }));
    meter.call(a, call('s:A', { depth: 1 }));
    expect([meter.depth(a), meter.depth(b)]).toEqual([2, 0]);
  });

  test('finds open events by id and counts them as pending', () => {
    const meter = createMeter();
    const [a, b] = [meter.open('x'), meter.open('y')];
    expect(meter.report().pending).toBe(2);
    expect(meter.event(b.id)).toBe(b);
    meter.close(b);
    expect(meter.event(b.id)).toBeUndefined();
    expect(meter.report().pending).toBe(1);
    meter.close(a);
    meter.close(a);
    expect(meter.report().pending).toBe(0);
  });

  test('counts calls without an event, and late ones, in the total only', () => {
    const meter = createMeter();
    const event = meter.open('x');
    meter.close(event);
    meter.call(event, call('s:Late'));
    meter.call(undefined, call('s:Unknown'));
    meter.message(undefined, 'out', 10);
    expect(meter.report().events['x']?.calls).toEqual({});
    expect(meter.report().total).toMatchObject({ calls: { 's:Late': 1, 's:Unknown': 1 }, messagesOut: 1 });
  });

  test('counts a message once per started 32 KB', () => {
    const meter = createMeter();
    const event = meter.open('x');
    for (const bytes of [0, 1, 32 * 1024, 32 * 1024 + 1, 128 * 1024]) meter.message(event, 'out', bytes);
    expect(meter.report().total.messagesOut).toBe(1 + 1 + 1 + 2 + 4);
  });

  test('counts failed invocations by function and error', () => {
    const meter = createMeter();
    const event = meter.open('x');
    meter.invocation(event, run({ outcome: 'timeout' }));
    expect(meter.report().total.errors).toEqual({ 'lambda:fn timeout': 1 });
  });

  test('starts again at zero and goes on with open events', () => {
    const meter = createMeter();
    const event = meter.open('x');
    meter.call(event, call('s:Before', { depth: 2 }));
    meter.connectionSeconds(60);
    meter.reset();
    expect(meter.report()).toMatchObject({
      total: { count: 0, calls: {}, connectionMinutes: 0 },
      events: {},
      pending: 1,
      cost: { usd: 0 },
    });
    meter.call(event, call('s:After'));
    expect(meter.report().events['x']?.calls).toEqual({ 's:After': 1 });
    expect(meter.depth(event)).toBe(2);
  });

  test('gives reports that later events do not change', () => {
    const meter = createMeter();
    const event = meter.open('x');
    const before = meter.report();
    meter.call(event, call('s:A'));
    expect(before.total.calls).toEqual({});
    expect(before.events['x']?.calls).toEqual({});
  });
});

describe('the price', () => {
  test('of a million of everything is that of the list', () => {
    const meter = createMeter();
    const event = meter.open('x');
    meter.call(event, call('dynamodb:Query', { readUnits: 1_000_000, writeUnits: 1_000_000 }));
    meter.invocation(event, run({ billedMs: 1_000_000, memoryMb: 1024 }));
    meter.connectionSeconds(60_000_000);
    meter.httpRequest(event);
    meter.message(event, 'in', 32 * 1024 * 1000);
    const { parts, usd } = meter.report().cost;
    expect(parts).toEqual({
      dynamodbReads: 0.125,
      dynamodbWrites: 0.625,
      lambdaRequests: expect.closeTo(0.0000002, 10),
      lambdaArm64: expect.closeTo(0.0133334, 8),
      connectionMinutes: 0.25,
      httpRequests: 0.000001,
      webSocketMessages: expect.closeTo(0.001, 8),
      secretsManagerCalls: 0,
      scheduledInvokes: 0,
      queueRequests: 0,
      busEvents: 0,
      edgeRequests: 0,
      edgeFunctionRuns: 0,
      egress: 0,
    });
    expect(usd).toBeCloseTo(
      Object.values(parts).reduce((a, b) => a + b),
      10,
    );
  });

  test('of a gigabyte sent to clients, and of calls for secrets', () => {
    const meter = createMeter({ architecture: 'x86_64' });
    meter.message(undefined, 'out', 2 ** 30);
    meter.call(undefined, call('secretsmanager:GetSecretValue'));
    const { parts } = meter.report().cost;
    expect(parts['egress']).toBeCloseTo(0.09, 10);
    expect(parts['secretsManagerCalls']).toBeCloseTo(0.000005, 12);
    expect(parts).toHaveProperty('lambdaX86');
  });

  test('of schedules and of CloudFront, counted in total only', () => {
    const meter = createMeter();
    meter.queuedInvoke();
    for (let i = 0; i < 1000; i += 1) meter.scheduledInvoke();
    for (let i = 0; i < 1000; i += 1) meter.edgeRequest({ ranFunction: i % 2 === 0 });
    const { total, cost, events } = meter.report();
    expect(total).toMatchObject({
      queuedInvokes: 1,
      scheduledInvokes: 1000,
      edgeRequests: 1000,
      edgeFunctionRuns: 500,
    });
    expect(cost.parts).toMatchObject({
      scheduledInvokes: 0.001,
      edgeRequests: 0.001,
      edgeFunctionRuns: 0.00005,
    });
    expect(events).toEqual({});
    meter.reset();
    expect(meter.report().total).toMatchObject({ queuedInvokes: 0, edgeRequests: 0 });
  });

  test('names its source and date', () => {
    for (const { source, date, unit } of Object.values(PRICES))
      expect([source, date, unit]).not.toContain('');
    expect(costOf('webSocketMessages', 2_000_000)).toBe(2);
  });
});
