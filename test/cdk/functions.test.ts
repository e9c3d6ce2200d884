import { expect, test } from 'vitest';

import { ENV } from '../../lambdas/manifest/environment.ts';
import { FUNCTIONS, type FunctionName } from '../../lambdas/manifest/routes.ts';
import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';

const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const template = templateOf();

test('the template has the functions of the manifest and no other', () => {
  expect(resourcesOf(template, 'AWS::Lambda::Function')).toHaveLength(NAMES.length);
  for (const name of NAMES) expect(functionOf(template, name)[0]).toMatch(/^Functions/);
});

test.each(NAMES)('%s runs the bundled module on arm64 and ends before API Gateway gives up', (name) => {
  const [, { Properties: p }] = functionOf(template, name);
  expect(p).toMatchObject({
    Architectures: ['arm64'],
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    MemorySize: name === 'rest' ? 1024 : 512,
    LoggingConfig: { LogFormat: 'JSON' },
  });
  expect(p['Timeout']).toBeLessThan(29);
});

test.each([
  ['native-authorizer', [ENV.jwtSecretArn, ENV.issuers, ENV.logLevel]],
  ['native-connect', [ENV.table, ENV.logLevel]],
  ['native-disconnect', [ENV.table, ENV.logLevel]],
  ['native-message', [ENV.table, ENV.nativeCallbackUrl, ENV.logLevel]],
  ['rest', Object.values(ENV)],
] as const)('%s is told what it needs and nothing else', (name, keys) => {
  const [, { Properties: p }] = functionOf(template, name);
  expect(Object.keys(p['Environment'].Variables).toSorted()).toEqual([...keys].toSorted());
});

test('settings reach the functions in the formats the manifest names', () => {
  const issuer = { issuer: 'https://id.example.com', audience: 'chat' };
  const configured = templateOf({
    auth: { tokenTtlSeconds: 60, scryptLogN: 11, issuers: [issuer] },
    throttle: { loginsPerEmail: 3 },
    cors: { origins: ['https://app.example.com'] },
    logs: { level: 'warn' },
    lambda: { memoryMb: 256, restMemoryMb: 2048 },
  });
  const [, { Properties: p }] = functionOf(configured, 'rest');
  const variables = p['Environment'].Variables;
  expect(variables).toMatchObject({
    [ENV.tokenTtlSeconds]: '60',
    [ENV.scryptLogN]: '11',
    [ENV.logLevel]: 'warn',
    [ENV.corsOrigins]: '["https://app.example.com"]',
  });
  expect(JSON.parse(variables[ENV.issuers])).toEqual([issuer]);
  expect(JSON.parse(variables[ENV.throttle])).toMatchObject({ loginsPerEmail: 3, loginsPerAddress: 100 });
  expect(p['MemorySize']).toBe(2048);
  expect(functionOf(configured, 'native-connect')[1].Properties['MemorySize']).toBe(256);
});

test('@connections calls go to the native stage', () => {
  const [, { Properties: p }] = functionOf(template, 'native-message');
  const parts: readonly unknown[] = p['Environment'].Variables[ENV.nativeCallbackUrl]['Fn::Join'][1];
  expect(parts.at(0)).toBe('https://');
  expect(parts.at(-1)).toBe('/native');
});

test.each(NAMES)('%s logs to a group of its own that forgets', (name) => {
  const [, { Properties: p }] = functionOf(template, name);
  const groups = Object.fromEntries(resourcesOf(template, 'AWS::Logs::LogGroup'));
  expect(groups[p['LoggingConfig'].LogGroup.Ref]!.Properties['RetentionInDays']).toBe(30);
});

test('every log group keeps its lines as long as configured', () => {
  const groups = resourcesOf(templateOf({ logs: { retentionDays: 7 } }), 'AWS::Logs::LogGroup');
  expect(groups).toHaveLength(NAMES.length + 2);
  for (const [, { Properties: p }] of groups) expect(p['RetentionInDays']).toBe(7);
});
