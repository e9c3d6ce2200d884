import { expect, test } from 'vitest';

import { resourcesOf, templateOf } from './stack-under-test.ts';

const KEPT = ['AWS::DynamoDB::Table', 'AWS::SecretsManager::Secret', 'AWS::Logs::LogGroup'];

test('one on-demand table with string keys, expiring rows, point-in-time recovery and no index', () => {
  const tables = resourcesOf(templateOf(), 'AWS::DynamoDB::Table');
  expect(tables).toHaveLength(1);
  expect(tables[0]![1].Properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
  expect(tables[0]![1].Properties).not.toHaveProperty('GlobalSecondaryIndexes');
});

test('the signing key is made by Secrets Manager: 64 letters and digits', () => {
  templateOf().hasResourceProperties('AWS::SecretsManager::Secret', {
    GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
  });
});

test.each(KEPT)('development: %s goes with the stack', (type) => {
  for (const [, { DeletionPolicy }] of resourcesOf(templateOf(), type)) expect(DeletionPolicy).toBe('Delete');
});

test.each(KEPT)('production: %s outlives the stack', (type) => {
  const resources = resourcesOf(templateOf({ profile: 'production' }), type);
  expect(resources.length).toBeGreaterThan(0);
  for (const [, { DeletionPolicy }] of resources) expect(DeletionPolicy).toBe('Retain');
});

test('production: the table refuses to be deleted', () => {
  templateOf({ profile: 'production' }).hasResourceProperties('AWS::DynamoDB::Table', {
    DeletionProtectionEnabled: true,
  });
});

test('the one origin, the URLs of the APIs and the name of the table are outputs', () => {
  const outputs = templateOf().findOutputs('*');
  expect(Object.keys(outputs).toSorted()).toEqual([
    'FanOutFunction',
    'HttpUrl',
    'NativeUrl',
    'NotifyFunction',
    'Origin',
    'SocketIoUrl',
    'TableName',
  ]);
  expect(JSON.stringify(outputs['NativeUrl'])).toMatch(/"wss:\/\/".*"\/native"/);
  expect(JSON.stringify(outputs['SocketIoUrl'])).toMatch(/"wss:\/\/".*"\/socketio"/);
  expect(JSON.stringify(outputs['Origin'])).toMatch(
    /"https:\/\/",\{"Fn::GetAtt":\["Edge\w+","DomainName"\]\}\]/,
  );
});

test('the template names no account and no region', () => {
  expect(JSON.stringify(templateOf().toJSON())).not.toMatch(/\b\d{12}\b|(us|eu|ap)-[a-z]+-\d/);
});
