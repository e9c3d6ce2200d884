import { describe, expect, test } from 'vitest';

import { readDestinations } from '../../../emulator/lambda/destinations.ts';
import type { Queue } from '../../../emulator/sqs/queue.ts';
import type { Resource } from '../../../emulator/types.ts';
import { fakeStack } from './harness.ts';

const LETTERS = 'arn:aws:sqs:us-east-1:123456789012:letters';
const ROLE = 'arn:aws:iam::123456789012:role/role';
const letters = { definition: { arn: LETTERS } } as Queue;

function destinations(config: object, { refusal, fn = 'fn' }: { refusal?: string; fn?: string } = {}) {
  const asked: unknown[] = [];
  const resources: Resource[] = [
    {
      logicalId: 'Config',
      type: 'AWS::Lambda::EventInvokeConfig',
      properties: { FunctionName: fn, DestinationConfig: config },
      ref: 'config',
    },
    {
      logicalId: 'Role',
      type: 'AWS::IAM::Role',
      properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
          ],
        },
      },
      ref: 'role',
      arn: ROLE,
    },
  ];
  const found = readDestinations({
    stack: fakeStack({ fn: { properties: { Role: ROLE } } }, resources),
    queues: { byArn: (arn) => (arn === LETTERS ? letters : undefined), byUrl: () => undefined },
    permissions: {
      authorizeRole: (...question) => {
        asked.push(question);
        return refusal;
      },
    },
  });
  return { found, asked };
}

describe('the destination of failures', () => {
  test('is a queue that the role of the function may send to', () => {
    const { found, asked } = destinations({ OnFailure: { Destination: LETTERS } });
    expect([...found]).toEqual([['fn', letters]]);
    expect(asked).toEqual([[{ functionName: 'fn', roleLogicalId: 'Role' }, 'sqs:SendMessage', LETTERS]]);
  });

  test('that the role may not send to is refused, as AWS does', () => {
    const config = { OnFailure: { Destination: LETTERS } };
    expect(() => destinations(config, { refusal: 'not authorized' })).toThrow(/"Config".*not authorized/);
  });

  test.each([
    [{ OnFailure: { Destination: 'arn:aws:sns:us-east-1:123456789012:topic' } }],
    [{ OnSuccess: { Destination: LETTERS } }],
    [{ OnSuccess: { Destination: LETTERS }, OnFailure: { Destination: LETTERS } }],
  ])('%j is refused', (config) => {
    expect(() => destinations(config)).toThrow(/"Config".*DestinationConfig/);
  });

  test('of nothing is none', () => {
    expect([...destinations({}).found]).toEqual([]);
  });

  test('of a function that is not in the template is refused', () => {
    const config = { OnFailure: { Destination: LETTERS } };
    expect(() => destinations(config, { fn: 'other' })).toThrow(/"Config".*other is not in the template/);
  });
});
