import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { ConfigurationError } from '../../lib/config/configuration-error.ts';
import { loadConfig, parseConfig } from '../../lib/config/load-config.ts';

const ISSUER = { issuer: 'https://id.example.com', audience: 'chat' };

describe('defaults', () => {
  test('an empty configuration is a development deployment with the built-in issuer', () => {
    expect(parseConfig({})).toEqual({
      name: 'causeway',
      profile: 'development',
      auth: { builtIn: true, tokenTtlSeconds: 43_200, scryptLogN: 15, issuers: [] },
      throttle: {
        windowSeconds: 900,
        loginsPerEmail: 10,
        loginsPerAddress: 100,
        registrationsPerAddress: 1000,
      },
      stage: { rateLimit: 1000, burstLimit: 2000 },
      logs: { retentionDays: 30, level: 'info', accountRole: true },
      cors: { origins: ['*'] },
      lambda: { memoryMb: 512, restMemoryMb: 1024 },
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
      'nmae: expected one of name, profile, auth, throttle, stage, logs, cors, lambda, got an unknown key',
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
      'auth.issuers.0.alg: expected one of issuer, audience, jwksUri, jwks, algorithms, got an unknown key',
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
    [{ cors: 'x' }, 'cors: expected an object with keys origins, got "x"'],
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
