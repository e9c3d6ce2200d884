import { afterEach, describe, expect, test } from 'vitest';
import { DOORBELL, startSandbox, type Sandbox, type Seen, type Template } from '../apigateway/sandbox.ts';
import type { EmulatorOptions } from '../../../emulator/types.ts';

const HOUR = 3_600_000;

let sandbox: Sandbox;
afterEach(() => sandbox.close());

type Change = (resources: Template['Resources']) => void;
const start = async (change?: Change, options: Partial<EmulatorOptions> = {}) =>
  (sandbox = await startSandbox(options, change && (({ Resources }) => change(Resources)), DOORBELL));
const set =
  (id: string, properties: object): Change =>
  (resources) =>
    Object.assign(resources[id]!.Properties, properties);
const isChime = (event: Seen) => event.chime !== undefined;
const settled = async () => {
  while (sandbox.emulator.meter().pending > 0) await new Promise((resolve) => setImmediate(resolve));
};
/** Of the functions' runs, rounded, relative to the first. */
const chimes = () => {
  const seen = sandbox.logs
    .map(({ fields }) => fields?.['seen'] as Seen | undefined)
    .filter((each) => each && isChime(each));
  const [first] = seen;
  return seen.map((each) => Math.round(((each?.now ?? 0) - (first?.now ?? 0)) / 1000));
};

describe('a rate schedule', () => {
  test('runs when it starts, with its input, and is metered and priced', async () => {
    await start();
    const { chime } = await sandbox.seen(isChime);
    expect(Math.abs(Date.parse(chime!) - sandbox.emulator.clock.now())).toBeLessThan(60_000);
    await settled();
    const { events, total, cost } = sandbox.emulator.meter();
    expect(events).toMatchObject({ 'clock rate(1 hour)': { count: 1, lambdaInvocations: 1 } });
    expect(total).toMatchObject({ scheduledInvokes: 1, queuedInvokes: 1 });
    expect(cost.parts['scheduledInvokes']).toBeCloseTo(0.000001, 9);
  });

  test('runs once for every time that comes due; its function sees that time', async () => {
    await start();
    await sandbox.seen(isChime);
    await sandbox.emulator.advance(3 * HOUR + 60_000);
    expect(chimes()).toEqual([0, 3600, 7200, 10_800]);
  });

  test('runs as often, one after the other, when the clock jumps', async () => {
    await start(set('Clock', { Target: targetWith({ Input: '{"chime": "x", "wait": 30}' }) }));
    await sandbox.seen(isChime);
    sandbox.emulator.clock.advance(3 * HOUR);
    while (chimes().length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(sandbox.emulator.meter().total.scheduledInvokes).toBe(4);
  });

  test('stops the clock of the control for its function', async () => {
    await start();
    await sandbox.seen(isChime);
    const body = JSON.stringify({ advanceMs: 2 * HOUR + 60_000 });
    await fetch(`${sandbox.emulator.urls.origin}/_emulator/clock`, { method: 'POST', body });
    expect(chimes()).toEqual([0, 3600, 7200]);
  });

  test('waits for its start date, and ends', async () => {
    const from = new Date(Date.now() + 2 * HOUR).toISOString();
    const to = new Date(Date.now() + 4.5 * HOUR).toISOString();
    await start(set('Clock', { StartDate: from, EndDate: to }));
    await sandbox.emulator.advance(HOUR);
    expect(chimes()).toEqual([]);
    await sandbox.emulator.advance(9 * HOUR);
    expect(chimes()).toEqual([0, 3600, 7200]);
  });

  test('that is disabled never runs', async () => {
    await start(set('Clock', { State: 'DISABLED' }));
    await sandbox.emulator.advance(2 * HOUR);
    expect(sandbox.emulator.meter().total.scheduledInvokes).toBe(0);
  });

  test('without input sends an event of its own', async () => {
    await start(set('Clock', { Target: targetWith({ Input: undefined }) }));
    const event = (await sandbox.seen(
      (seen) => (seen as { source?: string }).source === 'aws.scheduler',
    )) as object;
    expect(event).toMatchObject({
      'detail-type': 'Scheduled Event',
      resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/default/clock'],
      detail: '{}',
    });
  });

  test('with chaos may run twice or late, never less', async () => {
    await start(undefined, { chaosSeed: 'bells' });
    await sandbox.seen(isChime);
    await sandbox.emulator.advance(5 * HOUR);
    await settled();
    expect(sandbox.emulator.meter().total.scheduledInvokes).toBeGreaterThanOrEqual(6);
  }, 30_000);
});

const targetWith = (properties: object) => ({
  Arn: { 'Fn::GetAtt': ['Main', 'Arn'] },
  RoleArn: { 'Fn::GetAtt': ['ClockRole', 'Arn'] },
  ...properties,
});

describe('the role of a schedule', () => {
  test('needs lambda:InvokeFunction, which the report shows', async () => {
    await start();
    await sandbox.seen(isChime);
    expect(sandbox.emulator.permissions().used).toContainEqual({
      role: 'ClockRole',
      action: 'lambda:InvokeFunction',
      resource: 'arn:aws:lambda:us-east-1:000000000000:function:main',
    });
  });

  test('without it nothing is called, and the log says why', async () => {
    await start(set('ClockRole', { Policies: [] }));
    await sandbox.emulator.advance(0);
    const isRefusal = ({ source, message }: { source: string; message: string }) =>
      source === 'scheduler/clock' && message.includes('is not authorized to perform: lambda:InvokeFunction');
    while (!sandbox.logs.some(isRefusal)) await new Promise((resolve) => setImmediate(resolve));
    expect(sandbox.emulator.meter().total.lambdaInvocations).toBe(0);
    expect(sandbox.emulator.permissions().denied).toMatchObject([{ functionName: 'clock' }]);
  });

  test('must let Scheduler in', async () => {
    const trust = (statement: object) =>
      set('ClockRole', { AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } });
    await expect(start(trust({ Principal: { Service: 'lambda.amazonaws.com' } }))).rejects.toThrow(
      /"Clock".*must allow AWS EventBridge to assume the role/,
    );
    const Condition = { StringEquals: { 'aws:SourceAccount': '111111111111' } };
    await expect(
      start(trust({ Principal: { Service: 'scheduler.amazonaws.com' }, Condition })),
    ).rejects.toThrow(/assume the role/);
  });
});

describe('a rule of EventBridge', () => {
  const rule: Change = (resources) => {
    delete resources['Clock'];
    const Targets = [{ Id: 'main', Arn: { 'Fn::GetAtt': ['Main', 'Arn'] } }];
    resources['Rule'] = {
      Type: 'AWS::Events::Rule',
      Properties: { Name: 'rule', ScheduleExpression: 'rate(1 hour)', State: 'ENABLED', Targets },
    };
  };
  const permission: Change = (resources) => {
    const SourceArn = { 'Fn::GetAtt': ['Rule', 'Arn'] };
    const Properties = { FunctionName: { Ref: 'Main' }, Principal: 'events.amazonaws.com', SourceArn };
    resources['RuleMayInvoke'] = {
      Type: 'AWS::Lambda::Permission',
      Properties: { Action: 'lambda:InvokeFunction', ...Properties },
    };
  };
  const isScheduled = (event: Seen) => (event as { source?: string }).source === 'aws.events';

  test('first runs after one interval', async () => {
    await start((resources) => [rule, permission].forEach((change) => change(resources)));
    await sandbox.emulator.advance(HOUR - 1000);
    expect(sandbox.count(isScheduled)).toBe(0);
    await sandbox.emulator.advance(HOUR);
    expect(await sandbox.seen(isScheduled)).toMatchObject({ detail: {} });
    expect(sandbox.emulator.meter().total.scheduledInvokes).toBe(0);
  });

  test('needs a permission of the function', async () => {
    await start(rule);
    await sandbox.emulator.advance(HOUR + 1000);
    expect(sandbox.logs.find(({ source }) => source === 'events/rule')?.message).toMatch(
      /no resource-based policy/,
    );
  });
});

describe('what is not emulated stops the start with an error that names the resource', () => {
  test.each<[string, Change, RegExp]>([
    [
      'another time zone',
      set('Clock', { ScheduleExpressionTimezone: 'Europe/Berlin' }),
      /"Clock".*Europe\/Berlin/,
    ],
    [
      'another target',
      set('Clock', { Target: targetWith({ Arn: 'arn:aws:sqs:us-east-1:1:q' }) }),
      /"Clock".*sqs/,
    ],
    ['no expression', set('Clock', { ScheduleExpression: 'soon' }), /"Clock".*soon/],
    [
      'a function elsewhere',
      set('Clock', { Target: targetWith({ Arn: 'arn:aws:lambda:us-east-1:000000000000:function:none' }) }),
      /clock.*Function not found/,
    ],
  ])('%s', async (_title, change, error) => {
    await expect(start(change)).rejects.toThrow(error);
  });
});
