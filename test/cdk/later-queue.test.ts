import { expect, test } from 'vitest';

import { LATER_SECONDS } from '../../lib/function-access.ts';
import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';

const template = templateOf();
const queues = Object.fromEntries(resourcesOf(template, 'AWS::SQS::Queue'));
const [[, { Properties: mapping }]] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping') as [
  ReturnType<typeof resourcesOf>[number],
];
const queue = queues[mapping['EventSourceArn']['Fn::GetAtt'][0] as string]!.Properties;

test('the function `later` consumes the queue, message by message', () => {
  expect(mapping).toMatchObject({
    FunctionName: { Ref: functionOf(template, 'later')[0] },
    BatchSize: 10,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
});

test('the mapping is made after the permissions that Lambda checks', () => {
  const [id, { DependsOn }] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping')[0]!;
  const policies = resourcesOf(template, 'AWS::IAM::Policy').filter(([, { Properties: p }]) =>
    JSON.stringify(p['PolicyDocument']).includes('sqs:ReceiveMessage'),
  );
  expect(policies).toHaveLength(1);
  expect(DependsOn, id).toContain(policies[0]![0]);
});

test('a message is not seen again while its function may still run', () => {
  expect(functionOf(template, 'later')[1].Properties['Timeout']).toBe(LATER_SECONDS);
  expect(queue['VisibilityTimeout']).toBe(6 * LATER_SECONDS);
});

test('what fails three times waits two weeks for somebody to look at it', () => {
  const { deadLetterTargetArn, maxReceiveCount } = queue['RedrivePolicy'];
  expect(maxReceiveCount).toBe(3);
  const dead = queues[deadLetterTargetArn['Fn::GetAtt'][0] as string]!.Properties;
  expect(dead['MessageRetentionPeriod']).toBe(14 * 24 * 3600);
});

test('every queue is encrypted and refuses requests without TLS', () => {
  const policies = resourcesOf(template, 'AWS::SQS::QueuePolicy');
  expect(Object.keys(queues)).toHaveLength(4);
  for (const [id, { Properties: p }] of Object.entries(queues)) {
    expect(p['SqsManagedSseEnabled'], id).toBe(true);
    const own = policies.filter(([, { Properties }]) => Properties['Queues'][0].Ref === id);
    expect(JSON.stringify(own)).toContain('"aws:SecureTransport":"false"');
  }
});
