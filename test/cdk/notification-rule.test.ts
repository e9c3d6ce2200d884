import { expect, test } from 'vitest';

import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';

const template = templateOf();
const [ruleId, { Properties: rule }] = resourcesOf(template, 'AWS::Events::Rule')[0]!;
const ruleArn = { 'Fn::GetAtt': [ruleId, 'Arn'] };
const notify = { 'Fn::GetAtt': [functionOf(template, 'notify')[0], 'Arn'] };

test('notifications on the default bus go to `notify`, and nothing else does', () => {
  expect(resourcesOf(template, 'AWS::Events::Rule')).toHaveLength(1);
  expect(rule).toMatchObject({
    EventPattern: { source: ['causeway'], 'detail-type': ['notification.new'] },
    State: 'ENABLED',
    Targets: [{ Arn: notify, RetryPolicy: { MaximumEventAgeInSeconds: 3600 } }],
  });
  expect(rule).not.toHaveProperty('EventBusName');
});

test('only this rule may invoke it', () => {
  const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
    .map(([, { Properties: p }]) => p)
    .filter((p) => JSON.stringify(p['FunctionName']) === JSON.stringify(notify));
  expect(permissions).toEqual([
    {
      Action: 'lambda:InvokeFunction',
      FunctionName: notify,
      Principal: 'events.amazonaws.com',
      SourceArn: ruleArn,
    },
  ]);
});

test('what cannot be handed over waits in a queue that only this rule may fill', () => {
  const dead = rule['Targets'][0].DeadLetterConfig.Arn['Fn::GetAtt'][0] as string;
  const policies = resourcesOf(template, 'AWS::SQS::QueuePolicy')
    .map(([, { Properties: p }]) => p)
    .filter((p) => p['Queues'][0].Ref === dead);
  const allowed = policies
    .flatMap((p) => p['PolicyDocument'].Statement as { Effect: string }[])
    .filter(({ Effect }) => Effect === 'Allow');
  expect(allowed).toMatchObject([
    {
      Action: 'sqs:SendMessage',
      Principal: { Service: 'events.amazonaws.com' },
      Resource: { 'Fn::GetAtt': [dead, 'Arn'] },
      Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
    },
  ]);
});

test('the stack says which function an Emitter needs', () => {
  expect(template.findOutputs('NotifyFunction')['NotifyFunction']!['Value']).toEqual({
    Ref: functionOf(template, 'notify')[0],
  });
});
