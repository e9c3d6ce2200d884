import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';

import type { CausewayConfig } from '../../lib/config/define-config.ts';
import { stackUnderTest } from './stack-under-test.ts';

const CONFIGS: Readonly<Record<string, CausewayConfig>> = {
  development: {},
  production: { profile: 'production' },
  'external issuer': {
    auth: { builtIn: false, issuers: [{ issuer: 'https://id.example.com', audience: 'chat' }] },
  },
};

/** Every acknowledged rule and where; a new one belongs here, with its reason beside the construct. */
const ACKNOWLEDGED = [
  'AwsSolutions-APIG4',
  'AwsSolutions-CFR1',
  'AwsSolutions-CFR2',
  'AwsSolutions-CFR3',
  'AwsSolutions-CFR4',
  'AwsSolutions-IAM4',
  'AwsSolutions-IAM5',
  'AwsSolutions-L1',
  'AwsSolutions-S1',
  'AwsSolutions-SMG4',
  'AwsSolutions-SQS3',
];

describe.each(Object.keys(CONFIGS))('%s', (name) => {
  test('no finding of AwsSolutions is left', () => {
    const { app } = stackUnderTest(CONFIGS[name]);
    expect(findings(app)).toEqual([]);
  });
});

test('an unacknowledged finding is reported', () => {
  const { app, stack } = stackUnderTest();
  new Role(stack, 'Loose', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess')],
  });
  expect(findings(app)).toEqual([expect.stringContaining('AdministratorAccess')]);
});

test('only known rules are acknowledged, each with a reason', () => {
  const { stack } = stackUnderTest();
  const entries = stack.node
    .findAll()
    .flatMap((construct) => construct.node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(data as Record<string, string>));
  const rules = new Set(entries.map(([id]) => /AwsSolutions-\w+/.exec(id)?.[0] ?? id));
  expect([...rules].toSorted()).toEqual(ACKNOWLEDGED);
  for (const [id, reason] of entries) expect(reason.length, id).toBeGreaterThan(40);
});

function findings(app: Parameters<AwsSolutionsChecks['validateScope']>[0]): readonly string[] {
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
  );
}
