import { expect, test } from 'vitest';

import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';

test('the sweep runs every minute, on the minute, and a missed one is left out', () => {
  const template = templateOf();
  const schedules = resourcesOf(template, 'AWS::Scheduler::Schedule');
  expect(schedules).toHaveLength(1);
  expect(schedules[0]![1].Properties).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: { 'Fn::GetAtt': [functionOf(template, 'sweep')[0], 'Arn'] },
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
    },
  });
});

test.each([
  [300, 65],
  [59_999, 65],
  [60_000, 28],
  [240_000, 28],
])('with a ping every %i ms a sweep may take %i s', (pingIntervalMs, seconds) => {
  const template = templateOf({ heartbeat: { pingIntervalMs } });
  expect(functionOf(template, 'sweep')[1].Properties['Timeout']).toBe(seconds);
});
