import { expect, test } from 'vitest';

import { DEFAULT_NAMESPACES } from '../../lambdas/manifest/dialects.ts';
import { ENV } from '../../lambdas/manifest/environment.ts';
import { LIMITS } from '../../lambdas/manifest/limits.ts';
import { FUNCTIONS, type FunctionName } from '../../lambdas/manifest/routes.ts';
import type { CausewayConfig } from '../../lib/config/define-config.ts';
import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';

const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const AUDIENCE = [ENV.socketIoCallbackUrl, ENV.socketIoOptions, ENV.chat];
const TOKENS = [ENV.jwtSecretArn, ENV.issuers];
const POSTMAN = [ENV.fanOutFunction, ENV.fanOutDirect];
const SERVER = [
  ENV.table,
  ENV.nativeCallbackUrl,
  ...AUDIENCE,
  ...TOKENS,
  ENV.laterQueue,
  ENV.limits,
  ENV.logLevel,
];
// What copies the page is aws-cdk-lib's.
const template = templateOf({ page: false });

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
    MemorySize: name === 'rest' ? 1024 : name === 'fan-out' ? 1769 : 512,
    LoggingConfig: { LogFormat: 'JSON' },
  });
  expect(p['Timeout']).toBeLessThan(29);
});

test.each([
  ['native-authorizer', [ENV.jwtSecretArn, ENV.issuers, ENV.logLevel]],
  ['native-connect', [ENV.table, ENV.laterQueue, ENV.chat, ENV.limits, ENV.logLevel]],
  ['native-disconnect', [ENV.table, ENV.laterQueue, ENV.logLevel]],
  ['native-message', [ENV.table, ENV.nativeCallbackUrl, ...AUDIENCE, ...POSTMAN, ENV.limits, ENV.logLevel]],
  [
    'rest',
    [
      ENV.table,
      ENV.nativeCallbackUrl,
      ...AUDIENCE,
      ...POSTMAN,
      ...TOKENS,
      ENV.tokenTtlSeconds,
      ENV.scryptLogN,
      ENV.corsOrigins,
      ENV.throttle,
      ENV.limits,
      ENV.edgeKey,
      ENV.logLevel,
    ],
  ],
  ['socketio', [...SERVER, ...POSTMAN, ENV.openFunction, ENV.edgeKey]],
  ['socketio-open', [ENV.socketIoCallbackUrl, ENV.logLevel]],
  ['polling', [...SERVER, ...POSTMAN, ENV.edgeKey]],
  ['sweep', SERVER],
  ['notify', [ENV.table, ENV.nativeCallbackUrl, ...AUDIENCE, ...POSTMAN, ENV.logLevel]],
  ['fan-out', [ENV.table, ENV.nativeCallbackUrl, ...AUDIENCE, ENV.logLevel]],
  ['later', [ENV.table, ENV.nativeCallbackUrl, ...AUDIENCE, ENV.laterQueue, ENV.presence, ENV.logLevel]],
] as const)('%s is told what it needs and nothing else', (name, keys) => {
  const [, { Properties: p }] = functionOf(template, name);
  expect(Object.keys(p['Environment'].Variables).toSorted()).toEqual([...keys].toSorted());
});

test('settings reach the functions in the formats the manifest names', () => {
  const issuer = { issuer: 'https://id.example.com', audience: 'chat' };
  const configured = templateOf({
    auth: { tokenTtlSeconds: 60, scryptLogN: 11, issuers: [issuer] },
    throttle: { loginsPerEmail: 3 },
    limits: { connectionsPerUser: 7 },
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
  expect(JSON.parse(variables[ENV.limits])).toEqual({ ...LIMITS, connectionsPerUser: 7 });
  expect(p['MemorySize']).toBe(2048);
  expect(functionOf(configured, 'native-connect')[1].Properties['MemorySize']).toBe(256);
});

test('Socket.IO functions are told the options of the bridge as it names them', () => {
  const options = (config: CausewayConfig): unknown => {
    const [, { Properties: p }] = functionOf(templateOf(config), 'polling');
    return JSON.parse(p['Environment'].Variables[ENV.socketIoOptions] as string);
  };
  expect(options({})).toEqual({
    heartbeat: { pingIntervalMs: 480_000, pingTimeoutMs: 60_000 },
    limits: { connectTimeoutMs: 45_000, maxPayloadBytes: 1_000_000 },
    recovery: { windowMs: 120_000 },
    cors: { origins: ['*'], credentials: false },
  });
  expect(options({ recovery: false })).not.toHaveProperty('recovery');
});

test('functions of chat are told the vocabularies and the lobby', () => {
  const settings = (config: CausewayConfig): unknown => {
    const [, { Properties: p }] = functionOf(templateOf(config), 'rest');
    return JSON.parse(p['Environment'].Variables[ENV.chat] as string);
  };
  expect(settings({})).toEqual({ namespaces: DEFAULT_NAMESPACES, lobby: 'lobby' });
  expect(settings({ namespaces: { '/': ['chats'] }, lobby: false })).toEqual({
    namespaces: { '/': ['chats'] },
  });
});

test('functions with the Server are told the queue of what is put off', () => {
  for (const name of ['socketio', 'polling', 'sweep'] as const) {
    const { Ref } = functionOf(template, name)[1].Properties['Environment'].Variables[ENV.laterQueue];
    expect(template.toJSON()['Resources'][Ref].Type).toBe('AWS::SQS::Queue');
  }
});

test('socketio is told which function sends the first packet', () => {
  const [, { Properties: p }] = functionOf(template, 'socketio');
  expect(p['Environment'].Variables[ENV.openFunction]).toEqual({
    Ref: functionOf(template, 'socketio-open')[0],
  });
});

test.each([
  ['native-message', ENV.nativeCallbackUrl, '/native'],
  ['socketio', ENV.socketIoCallbackUrl, '/socketio'],
  ['socketio-open', ENV.socketIoCallbackUrl, '/socketio'],
] as const)('@connections calls of %s go to the stage it serves', (name, variable, stage) => {
  const [, { Properties: p }] = functionOf(template, name);
  const parts: readonly unknown[] = p['Environment'].Variables[variable]['Fn::Join'][1];
  expect(parts.at(0)).toBe('https://');
  expect(parts.at(-1)).toBe(stage);
});

test('what comes too late then is not invoked again when it fails', () => {
  const all = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').map(([, { Properties: p }]) => p);
  const configs = all.filter((p) => p['DestinationConfig'] === undefined);
  const names = (['socketio-open', 'sweep'] as const).map((name) => ({ Ref: functionOf(template, name)[0] }));
  expect(configs.map((p) => p['FunctionName'])).toEqual(expect.arrayContaining(names));
  expect(configs).toHaveLength(names.length);
  for (const p of configs)
    expect(p).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60, Qualifier: '$LATEST' });
});

test('what has to be done at last is invoked three times, and then kept for people to look at', () => {
  const configs = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').filter(
    ([, { Properties: p }]) => p['DestinationConfig'] !== undefined,
  );
  const names = (['notify', 'fan-out'] as const).map((name) => ({ Ref: functionOf(template, name)[0] }));
  expect(configs.map(([, { Properties: p }]) => p['FunctionName'])).toEqual(names);
  for (const [, { Properties: p, DependsOn }] of configs) {
    expect(p).toMatchObject({ MaximumRetryAttempts: 2, Qualifier: '$LATEST' });
    const [queue] = p['DestinationConfig'].OnFailure.Destination['Fn::GetAtt'] as [string];
    expect(template.toJSON()['Resources'][queue]).toMatchObject({
      Type: 'AWS::SQS::Queue',
      Properties: { MessageRetentionPeriod: 14 * 24 * 60 * 60 },
    });
    // Or Lambda, which checks the role, may refuse the configuration.
    expect(JSON.stringify(DependsOn)).toContain('DefaultPolicy');
  }
});

test('who tells recipients is told which function tells crowds, and what a crowd is', () => {
  const told = templateOf({ fanOut: { direct: 7 }, page: false });
  for (const name of ['native-message', 'rest', 'socketio', 'polling', 'notify'] as const)
    expect(functionOf(told, name)[1].Properties['Environment'].Variables).toMatchObject({
      [ENV.fanOutFunction]: { Ref: functionOf(told, 'fan-out')[0] },
      [ENV.fanOutDirect]: '7',
    });
});

test.each(NAMES)('%s logs to a group of its own that forgets', (name) => {
  const [, { Properties: p }] = functionOf(template, name);
  const groups = Object.fromEntries(resourcesOf(template, 'AWS::Logs::LogGroup'));
  expect(groups[p['LoggingConfig'].LogGroup.Ref]!.Properties['RetentionInDays']).toBe(30);
});

test('every log group keeps its lines as long as configured', () => {
  const groups = resourcesOf(templateOf({ logs: { retentionDays: 7 } }), 'AWS::Logs::LogGroup');
  // Of the functions, the three stages and what copies the page.
  expect(groups).toHaveLength(NAMES.length + 4);
  for (const [, { Properties: p }] of groups) expect(p['RetentionInDays']).toBe(7);
});
