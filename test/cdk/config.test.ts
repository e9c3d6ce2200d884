import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { ConfigurationError } from '../../lib/config/configuration-error.ts';
import { LIMITS } from '../../lambdas/manifest/limits.ts';
import { loadConfig, parseConfig } from '../../lib/config/load-config.ts';

const ISSUER = { issuer: 'https://id.example.com', audience: 'chat' };

describe('defaults', () => {
  test('an empty configuration is a development deployment with the built-in issuer', () => {
    expect(parseConfig({})).toEqual({
      name: 'causeway',
      profile: 'development',
      namespaces: {
        '/': ['fama', 'messenger', 'rooms', 'chats', 'notifications'],
        '/chat': ['rooms'],
      },
      lobby: 'lobby',
      page: true,
      heartbeat: { pingIntervalMs: 480_000, pingTimeoutMs: 60_000 },
      limits: { connectTimeoutMs: 45_000, maxPayloadBytes: 1_000_000, ...LIMITS },
      recovery: { windowMs: 120_000 },
      presence: { roomLimit: 200 },
      auth: { builtIn: true, tokenTtlSeconds: 43_200, scryptLogN: 15, issuers: [] },
      throttle: {
        windowSeconds: 900,
        loginsPerEmail: 10,
        loginsPerAddress: 100,
        registrationsPerAddress: 1000,
      },
      stage: { rateLimit: 1000, burstLimit: 2000 },
      logs: { retentionDays: 30, level: 'info', accountRole: true },
      cors: { origins: ['*'], credentials: false },
      fanOut: { direct: 100 },
      lambda: { memoryMb: 512, restMemoryMb: 1024, fanOutMemoryMb: 1769 },
    });
  });

  test('what is set stays and the rest of its section keeps its defaults', () => {
    expect(parseConfig({ auth: { issuers: [ISSUER] } }).auth).toEqual({
      builtIn: true,
      tokenTtlSeconds: 43_200,
      scryptLogN: 15,
      issuers: [ISSUER],
    });
  });
});

describe('errors name the key and what was expected', () => {
  test.each<[unknown, string]>([
    [
      { nmae: 'x' },
      'nmae: expected one of name, profile, app, namespaces, lobby, page, heartbeat, limits, recovery, presence, fanOut, auth, throttle, stage, logs, cors, lambda, got an unknown key',
    ],
    [
      { auth: { secret: 'x' } },
      'auth.secret: expected one of builtIn, tokenTtlSeconds, scryptLogN, issuers, got an unknown key',
    ],
    [{ name: '' }, 'name: expected a stack name: a letter, then letters, digits or -, got ""'],
    [{ name: 'a_b' }, 'name: expected a stack name: a letter, then letters, digits or -, got "a_b"'],
    [{ profile: 'prod' }, 'profile: expected one of "development", "production", got "prod"'],
    [{ auth: { builtIn: 'yes' } }, 'auth.builtIn: expected true or false, got "yes"'],
    [
      { auth: { tokenTtlSeconds: 1.5 } },
      'auth.tokenTtlSeconds: expected a whole number from 60 to 2592000, got 1.5',
    ],
    [{ auth: { scryptLogN: 18 } }, 'auth.scryptLogN: expected a whole number from 10 to 17, got 18'],
    [{ auth: { issuers: [{ issuer: 'x' }] } }, 'auth.issuers.0.audience: expected a value, got undefined'],
    [
      { auth: { issuers: [{ ...ISSUER, jwksUri: 'http://id.example.com' }] } },
      'auth.issuers.0.jwksUri: expected an https URL, got "http://id.example.com"',
    ],
    [
      { auth: { issuers: [{ ...ISSUER, alg: 'none' }] } },
      'auth.issuers.0.alg: expected one of issuer, audience, jwksUri, jwks, algorithms, userIdPrefix, got an unknown key',
    ],
    [
      { auth: { issuers: [{ ...ISSUER, algorithms: ['HS256'] }] } },
      'auth.issuers.0.algorithms.0: expected one of "RS256"',
    ],
    [
      { auth: { issuers: [{ ...ISSUER, jwks: { keys: [{ kty: 'RSA' }] } }] } },
      'auth.issuers.0.jwks.keys.0.kid: expected an array of JSON Web Keys, each with a `kid`',
    ],
    [{ auth: { issuers: [ISSUER, ISSUER] } }, 'auth.issuers.1: expected every issuer once'],
    [
      { auth: { builtIn: false } },
      'auth.issuers: expected at least one issuer when auth.builtIn is false: nobody could sign in',
    ],
    [
      { profile: 'production', auth: { scryptLogN: 13 } },
      'auth.scryptLogN: expected at least 14 in the production profile',
    ],
    [
      { throttle: { loginsPerEmail: 0 } },
      'throttle.loginsPerEmail: expected a whole number from 1 to 1000000, got 0',
    ],
    [{ stage: { rateLimit: 20_000 } }, 'stage.rateLimit: expected a whole number from 1 to 10000, got 20000'],
    [{ logs: { retentionDays: 31 } }, 'logs.retentionDays: expected one of 1, 3, 5, 7, 14, 30, 60'],
    [
      { logs: { level: 'trace' } },
      'logs.level: expected one of "debug", "info", "warn", "error", got "trace"',
    ],
    [{ cors: { origins: ['https://a.example/'] } }, 'cors.origins.0: expected an origin such as'],
    [{ cors: 'x' }, 'cors: expected an object with keys origins, credentials, got "x"'],
    [
      { cors: { credentials: true } },
      'cors.origins: expected origins by name when cors.credentials is true: browsers refuse credentials for "*"',
    ],
    [{ namespaces: ['chats'] }, 'namespaces.0: expected a namespace'],
    [{ namespaces: 'chats' }, 'namespaces: expected an object of namespaces'],
    [
      { namespaces: { chat: ['rooms'] } },
      'namespaces.chat: expected a namespace: a /, then no comma, question mark or space, got "chat"',
    ],
    [{ namespaces: { '/a,b': ['rooms'] } }, 'namespaces./a,b: expected a namespace'],
    [{ namespaces: { '/': 'rooms' } }, 'namespaces./: expected an array of dialects, got "rooms"'],
    [
      { namespaces: { '/': ['chat'] } },
      'namespaces./.0: expected one of "fama", "messenger", "rooms", "chats", "notifications", got "chat"',
    ],
    [{ namespaces: { '/': ['rooms', 'rooms'] } }, 'namespaces./.1: expected every dialect once'],
    [{ namespaces: { '/': [] } }, 'namespaces./: expected at least one dialect'],
    [{ lobby: true }, 'lobby: expected false, or the id of a room'],
    [{ lobby: 'the lobby' }, 'lobby: expected false, or the id of a room: 1 to 128 letters, digits, - or _'],
    [{ app: 7 }, 'app: expected the path of a file with Socket.IO server code, got 7'],
    [
      { heartbeat: { pingIntervalMs: 99 } },
      'heartbeat.pingIntervalMs: expected a whole number from 100 to 500000, got 99',
    ],
    [
      { heartbeat: { pingInterval: 300 } },
      'heartbeat.pingInterval: expected one of pingIntervalMs, pingTimeoutMs, got an unknown key',
    ],
    [
      { heartbeat: { pingIntervalMs: 60_000, pingTimeoutMs: 19_999 } },
      'heartbeat.pingTimeoutMs: expected at least 20000 with a pingIntervalMs of 60000',
    ],
    [
      { heartbeat: { pingIntervalMs: 500_000, pingTimeoutMs: 100_001 } },
      'heartbeat.pingTimeoutMs: expected at most 600000 together with pingIntervalMs',
    ],
    [
      { presence: { roomLimit: 1_001 } },
      'presence.roomLimit: expected a whole number from 0 to 1000, got 1001',
    ],
    [
      { limits: { maxPayloadBytes: 5_000_000 } },
      'limits.maxPayloadBytes: expected a whole number from 1 to 4000000, got 5000000',
    ],
    [
      { limits: { perUser: { perSecond: 0 } } },
      'limits.perUser.perSecond: expected a number from 0.01 to 1000000, got 0',
    ],
    [
      { limits: { perSocket: { burst: 1.5 } } },
      'limits.perSocket.burst: expected a whole number from 1 to 1000000, got 1.5',
    ],
    [
      { limits: { roomsPerSession: 101 } },
      'limits.roomsPerSession: expected a whole number from 1 to 100, got 101',
    ],
    [
      { limits: { connectTimeoutMs: 0 } },
      'limits.connectTimeoutMs: expected a whole number from 100 to 600000, got 0',
    ],
    [{ recovery: true }, 'recovery: expected false, or an object with key windowMs, got true'],
    [
      { recovery: { windowMs: 24 * 60 * 60 * 1000 + 1 } },
      'recovery.windowMs: expected a whole number from 1000 to 86400000, got 86400001',
    ],
    [{ recovery: { window: 1 } }, 'recovery: expected false, or an object with key windowMs, got Object'],
    [{ lambda: { memoryMb: 64 } }, 'lambda.memoryMb: expected a whole number from 128 to 10240, got 64'],
    [[], 'expected an object with keys name, profile'],
    [null, 'expected an object with keys name, profile'],
  ])('%j', (settings, message) => {
    const error = errorOf(() => parseConfig(settings, { name: 'a.config.ts' }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error?.message).toContain(`a.config.ts: ${message}`);
  });

  test('several mistakes are told at once, a line each', () => {
    const error = errorOf(() => parseConfig({ nmae: 1, logs: { level: 'x', retentionDays: 2 } }));
    expect(error?.message.split('\n')).toHaveLength(3);
  });
});

describe('chat', () => {
  const app = 'causeway.config.ts';
  const namespaces = { '/': ['chats', 'notifications'], '/chat': ['rooms'] };

  test.each([
    [{ namespaces }, namespaces],
    [{ namespaces, app }, namespaces],
    [{ namespaces: {} }, {}],
    [{ app }, {}],
  ])('the vocabularies of %j', (settings, expected) => {
    expect(parseConfig(settings).namespaces).toEqual(expected);
  });

  test.each([
    [{ lobby: 'hall' }, undefined, 'hall'],
    [{ lobby: false }, undefined, false],
    [{}, 'false', false],
    [{ lobby: false }, 'hall', 'hall'],
  ])('the lobby of %j with CAUSEWAY_LOBBY=%s', (settings, CAUSEWAY_LOBBY, lobby) => {
    expect(parseConfig(settings, { environment: { CAUSEWAY_LOBBY } }).lobby).toBe(lobby);
  });
});

describe('heartbeat', () => {
  test.each([
    [300, 200],
    [25_000, 20_000],
    [59_999, 100],
    // Pinged every minute: no later than announced, whatever comes late.
    [90_000, 100],
    [240_000, 60_000],
    [500_000, 100_000],
  ])('a ping every %i ms with %i ms to answer', (pingIntervalMs, pingTimeoutMs) => {
    const heartbeat = { pingIntervalMs, pingTimeoutMs };
    expect(parseConfig({ heartbeat }).heartbeat).toEqual(heartbeat);
  });
});

describe('recovery', () => {
  test.each([
    [{}, {}, { windowMs: 120_000 }],
    [{ recovery: {} }, {}, { windowMs: 120_000 }],
    [{ recovery: false }, {}, false],
    [{ recovery: { windowMs: 5000 } }, { CAUSEWAY_RECOVERY: 'false' }, false],
    [{ recovery: false }, { CAUSEWAY_RECOVERY_WINDOW_MS: '5000' }, { windowMs: 5000 }],
  ])('%j with %j is %j', (settings, environment, recovery) => {
    expect(parseConfig(settings, { environment }).recovery).toEqual(recovery);
  });
});

describe('CAUSEWAY_<PATH> variables', () => {
  test('override scalars and lists of words, whatever the file says', () => {
    const config = parseConfig(
      { name: 'file', auth: { tokenTtlSeconds: 100, scryptLogN: 12 } },
      {
        environment: {
          CAUSEWAY_NAME: 'variable',
          CAUSEWAY_AUTH_TOKEN_TTL_SECONDS: '3600',
          CAUSEWAY_AUTH_BUILT_IN: 'true',
          CAUSEWAY_LOGS_RETENTION_DAYS: '7',
          CAUSEWAY_LOGS_LEVEL: 'debug',
          CAUSEWAY_CORS_ORIGINS: 'https://a.example, https://b.example',
        },
      },
    );
    expect(config).toMatchObject({
      name: 'variable',
      auth: { tokenTtlSeconds: 3600, scryptLogN: 12, builtIn: true },
      logs: { retentionDays: 7, level: 'debug' },
      cors: { origins: ['https://a.example', 'https://b.example'] },
    });
  });

  test('reach the settings of Socket.IO', () => {
    const environment = {
      CAUSEWAY_HEARTBEAT_PING_INTERVAL_MS: '300',
      CAUSEWAY_HEARTBEAT_PING_TIMEOUT_MS: '200',
      CAUSEWAY_LIMITS_MAX_PAYLOAD_BYTES: '2000',
      CAUSEWAY_LIMITS_PER_SOCKET_PER_SECOND: '0.5',
      CAUSEWAY_CORS_CREDENTIALS: 'false',
    };
    expect(parseConfig({}, { environment })).toMatchObject({
      heartbeat: { pingIntervalMs: 300, pingTimeoutMs: 200 },
      limits: {
        connectTimeoutMs: 45_000,
        maxPayloadBytes: 2000,
        perSocket: { perSecond: 0.5, burst: LIMITS.perSocket.burst },
      },
    });
    expect(errorOf(() => parseConfig({}, { environment: { CAUSEWAY_RECOVERY: 'true' } }))?.message).toContain(
      'recovery: expected false, or an object with key windowMs, got true',
    );
    expect(
      errorOf(() => parseConfig({}, { environment: { CAUSEWAY_HEARTBEAT_PINGINTERVAL: '1' } }))?.message,
    ).toContain('environment variable CAUSEWAY_HEARTBEAT_PINGINTERVAL: expected one of');
  });

  test.each([
    [
      'CAUSEWAY_AUTH_SCRYPT_LOG_N',
      'high',
      'auth.scryptLogN: expected a whole number from 10 to 17, got "high"',
    ],
    ['CAUSEWAY_AUTH_SCRYPT_LOG_N', '', 'auth.scryptLogN: expected a whole number from 10 to 17, got ""'],
    ['CAUSEWAY_AUTH_BUILT_IN', '1', 'auth.builtIn: expected true or false, got "1"'],
    [
      'CAUSEWAY_AUTH_TOKEN_TTL',
      '60',
      'environment variable CAUSEWAY_AUTH_TOKEN_TTL: expected one of CAUSEWAY_NAME,',
    ],
  ])('%s=%s is refused', (variable, value, message) => {
    const error = errorOf(() => parseConfig({}, { environment: { [variable]: value } }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error?.message).toContain(message);
  });

  test('variables that are no settings are left alone', () => {
    expect(
      parseConfig({}, { environment: { CAUSEWAY_CONFIG_FILE: 'x', CAUSEWAY_TABLE: 'y', PATH: 'z' } }).name,
    ).toBe('causeway');
  });
});

describe('the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-config-'));
  writeFileSync(join(folder, 'plain.config.ts'), `export default { name: 'plain' as string };\n`);
  writeFileSync(join(folder, 'empty.config.ts'), 'export const config = {};\n');
  writeFileSync(join(folder, 'broken.config.ts'), `throw new Error('boom');\n`);

  test('a plain object outside the repository needs no import', async () => {
    expect((await loadConfig({ file: 'plain.config.ts', cwd: folder, environment: {} })).name).toBe('plain');
    expect((await loadConfig({ file: join(folder, 'plain.config.ts'), environment: {} })).name).toBe('plain');
  });

  test('CAUSEWAY_CONFIG_FILE names it, and an explicit name beats the variable', async () => {
    const environment = { CAUSEWAY_CONFIG_FILE: 'plain.config.ts' };
    expect((await loadConfig({ cwd: folder, environment })).name).toBe('plain');
    await expect(loadConfig({ cwd: folder, environment, file: 'other.config.ts' })).rejects.toThrow(
      'other.config.ts: expected a configuration file at',
    );
  });

  test('the application is looked for beside the file, wherever the process is', async () => {
    writeFileSync(join(folder, 'server.ts'), 'export default () => {};\n');
    writeFileSync(join(folder, 'app.config.ts'), `export default { app: './server.ts' };\n`);
    const file = join(folder, 'app.config.ts');
    expect((await loadConfig({ file, environment: {} })).app).toBe(join(folder, 'server.ts'));
    const environment = { CAUSEWAY_APP: 'plain.config.ts' };
    expect((await loadConfig({ file, environment })).app).toBe(join(folder, 'plain.config.ts'));
  });

  test.each(['./missing.ts', '.'])('an application that is no file is refused: %s', async (app) => {
    writeFileSync(join(folder, 'missing.config.ts'), `export default { app: ${JSON.stringify(app)} };\n`);
    await expect(loadConfig({ file: 'missing.config.ts', cwd: folder, environment: {} })).rejects.toThrow(
      `missing.config.ts: app: expected a file at ${join(folder, app)}`,
    );
  });

  test.each([
    ['empty.config.ts', 'empty.config.ts: expected a default export with the settings'],
    ['broken.config.ts', 'broken.config.ts: expected a module that loads: Error: boom'],
  ])('%s is refused', async (file, message) => {
    await expect(loadConfig({ file, cwd: folder, environment: {} })).rejects.toThrow(message);
  });

  test('the repository has one that is valid', async () => {
    expect((await loadConfig({ environment: {} })).name).toBe('causeway');
  });
});

function errorOf(act: () => unknown): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
