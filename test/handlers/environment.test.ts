import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import * as environment from '../../lambdas/handlers/environment.ts';
import { DEFAULT_NAMESPACES } from '../../lambdas/manifest/dialects.ts';
import { ENV } from '../../lambdas/manifest/environment.ts';
import { ACCOUNT, LIMITS, THROTTLE } from '../../lambdas/manifest/limits.ts';
import type { FunctionName } from '../../lambdas/manifest/routes.ts';

const COMPLETE: Readonly<Record<string, string>> = {
  [ENV.table]: 'causeway',
  [ENV.nativeCallbackUrl]: 'https://abcd123.execute-api.us-east-1.amazonaws.com/native',
  [ENV.jwtSecretArn]: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:causeway-AbCdEf',
  [ENV.socketIoCallbackUrl]: 'https://abcd123.execute-api.us-east-1.amazonaws.com/socketio',
  [ENV.socketIoOptions]: JSON.stringify({
    heartbeat: { pingIntervalMs: 240_000, pingTimeoutMs: 60_000 },
    limits: { connectTimeoutMs: 45_000, maxPayloadBytes: 1_000_000 },
    recovery: { windowMs: 120_000 },
    cors: { origins: ['*'], credentials: false },
  }),
  [ENV.chat]: JSON.stringify({ namespaces: DEFAULT_NAMESPACES, lobby: 'lobby' }),
  [ENV.laterQueue]: 'https://sqs.us-east-1.amazonaws.com/123456789012/causeway-later',
  [ENV.openFunction]: 'causeway-socketio-open',
  [ENV.fanOutFunction]: 'causeway-fan-out',
  [ENV.edgeKey]: '51af3dc0-da77-11e4-872e-1234567db123',
  [ENV.logLevel]: 'silent',
  AWS_REGION: 'us-east-1',
};

/** Starts a function as Lambda does: by loading its module. */
const start = (name: FunctionName) =>
  import(`../../lambdas/handlers/${name}.ts`) as Promise<{ handler: unknown }>;

beforeEach(() => {
  vi.resetModules();
  for (const key of Object.values(ENV)) vi.stubEnv(key, '');
  for (const [key, value] of Object.entries(COMPLETE)) vi.stubEnv(key, value);
});
afterEach(() => vi.unstubAllEnvs());

const AUDIENCE = [ENV.nativeCallbackUrl, ENV.socketIoCallbackUrl, ENV.socketIoOptions, ENV.chat];
const SERVER = [ENV.table, ...AUDIENCE, ENV.jwtSecretArn, ENV.laterQueue];
const NEEDED = {
  'native-authorizer': [ENV.jwtSecretArn],
  'native-connect': [ENV.table, ENV.chat, ENV.laterQueue],
  'native-disconnect': [ENV.table, ENV.laterQueue],
  'native-message': [ENV.table, ...AUDIENCE, ENV.fanOutFunction],
  rest: [ENV.table, ...AUDIENCE, ENV.fanOutFunction, ENV.jwtSecretArn, ENV.edgeKey],
  socketio: [...SERVER, ENV.fanOutFunction, ENV.openFunction, ENV.edgeKey],
  'socketio-open': [ENV.socketIoCallbackUrl],
  polling: [...SERVER, ENV.fanOutFunction, ENV.edgeKey],
  sweep: SERVER,
  notify: [ENV.table, ...AUDIENCE, ENV.fanOutFunction],
  'fan-out': [ENV.table, ...AUDIENCE],
  later: [ENV.table, ...AUDIENCE, ENV.laterQueue],
} satisfies Record<FunctionName, readonly string[]>;

describe.each(Object.entries(NEEDED) as [FunctionName, readonly string[]][])('%s', (name, needed) => {
  test('starts with what it needs', async () => {
    for (const key of Object.values(ENV)) if (!needed.includes(key)) vi.stubEnv(key, '');
    expect((await start(name)).handler).toBeTypeOf('function');
  });

  test.each(needed)('does not start without %s, and says so', async (key) => {
    vi.stubEnv(key, ' ');
    await expect(start(name)).rejects.toThrow(key);
  });
});

test.each([
  [ENV.nativeCallbackUrl, 'not a url', environment.nativeCallbackUrl],
  [ENV.socketIoCallbackUrl, 'not a url', environment.socketIoCallbackUrl],
  [ENV.socketIoOptions, '{', environment.socketIoOptions],
  [ENV.socketIoOptions, 'null', environment.socketIoOptions],
  [ENV.socketIoOptions, '{"heartbeat":{"pingIntervalMs":1}}', environment.socketIoOptions],
  [ENV.chat, '{', environment.chatSettings],
  [ENV.chat, 'null', environment.chatSettings],
  [ENV.chat, '{"lobby":"lobby"}', environment.chatSettings],
  [ENV.chat, '{"namespaces":{"/":["chat"]}}', environment.chatSettings],
  [ENV.chat, '{"namespaces":{"/":"chats"}}', environment.chatSettings],
  [ENV.chat, '{"namespaces":{},"lobby":false}', environment.chatSettings],
  [ENV.laterQueue, 'not a url', environment.laterQueueUrl],
  [ENV.issuers, '{', environment.tokenSources],
  [ENV.issuers, '[{"issuer":"https://x"}]', environment.tokenSources],
  [ENV.tokenTtlSeconds, '59', environment.tokenTtlSeconds],
  [ENV.tokenTtlSeconds, '1h', environment.tokenTtlSeconds],
  [ENV.scryptLogN, '18', environment.scryptLogN],
  [ENV.scryptLogN, '12.5', environment.scryptLogN],
  [ENV.corsOrigins, 'https://x', environment.corsOrigins],
  [ENV.corsOrigins, '{"0":"*"}', environment.corsOrigins],
  [ENV.corsOrigins, '[1]', environment.corsOrigins],
  [ENV.throttle, '[', environment.throttleLimits],
  [ENV.throttle, '7', environment.throttleLimits],
  [ENV.presence, '[', environment.presenceSettings],
  [ENV.presence, '{"roomLimit":-1}', environment.presenceSettings],
  [ENV.presence, '{"roomLimit":"5"}', environment.presenceSettings],
  [ENV.throttle, '{"loginsPerEmail":0}', environment.throttleLimits],
  [ENV.throttle, '{"loginsPerDay":5}', environment.throttleLimits],
  [ENV.limits, '7', environment.clientLimits],
  [ENV.limits, 'null,', environment.clientLimits],
  [ENV.limits, '{"perDay":5}', environment.clientLimits],
  [ENV.limits, '{"idleSeconds":0}', environment.clientLimits],
  [ENV.limits, '{"perUser":null}', environment.clientLimits],
  [ENV.limits, '{"perUser":{"perSecond":1}}', environment.clientLimits],
])('%s=%s is refused by name', (key, value, read) => {
  vi.stubEnv(key, value);
  expect(read).toThrow(key);
});

test('what is set to the empty text has its default', () => {
  for (const key of [ENV.tokenTtlSeconds, ENV.scryptLogN, ENV.corsOrigins, ENV.throttle, ENV.issuers]) {
    vi.stubEnv(key, '');
  }
  expect(environment.tokenTtlSeconds()).toBe(ACCOUNT.tokenTtlSeconds);
  expect(environment.scryptLogN()).toBe(15);
  expect(environment.corsOrigins()).toEqual([]);
  expect(environment.throttleLimits()).toEqual(THROTTLE);
  expect(environment.presenceSettings()).toEqual({ roomLimit: 200 });
  expect(environment.clientLimits()).toEqual(LIMITS);
  expect(environment.tokenSources()).toEqual({ secretArn: COMPLETE[ENV.jwtSecretArn], issuers: [] });
});

test('what is set is read', () => {
  vi.stubEnv(ENV.tokenTtlSeconds, '600');
  vi.stubEnv(ENV.scryptLogN, '10');
  vi.stubEnv(ENV.corsOrigins, '["https://app.example"]');
  vi.stubEnv(ENV.throttle, '{"loginsPerEmail":3}');
  vi.stubEnv(ENV.limits, '{"perUser":{"perSecond":0.5,"burst":7},"idleSeconds":90}');
  vi.stubEnv(ENV.jwtSecretArn, '');
  vi.stubEnv(ENV.issuers, '[{"issuer":"https://issuer.example","audience":"app"}]');
  expect(environment.tokenTtlSeconds()).toBe(600);
  expect(environment.scryptLogN()).toBe(10);
  expect(environment.corsOrigins()).toEqual(['https://app.example']);
  expect(environment.throttleLimits()).toEqual({ ...THROTTLE, loginsPerEmail: 3 });
  expect(environment.clientLimits()).toEqual({
    ...LIMITS,
    perUser: { perSecond: 0.5, burst: 7 },
    idleSeconds: 90,
  });
  expect(environment.chatSettings()).toEqual({ namespaces: DEFAULT_NAMESPACES, lobby: 'lobby' });
  expect(environment.laterQueueUrl()).toBe(COMPLETE[ENV.laterQueue]);
  expect(environment.tokenSources()).toEqual({
    issuers: [{ issuer: 'https://issuer.example', audience: 'app' }],
  });
});

test('with external issuers only, the functions start without a secret', async () => {
  vi.stubEnv(ENV.jwtSecretArn, '');
  vi.stubEnv(ENV.issuers, '[{"issuer":"https://issuer.example","audience":"app"}]');
  for (const name of ['native-authorizer', 'rest'] as const)
    expect((await start(name)).handler).toBeTypeOf('function');
});
