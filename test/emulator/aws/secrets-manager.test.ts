import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it } from 'vitest';
import { generateSecret } from '../../../emulator/aws/generate-secret.ts';
import { boardStack } from '../assembly/assemblies.ts';
import { type Aws, startAws } from './aws.ts';

let aws: Aws;
afterEach(() => aws.close());

function client(who: 'function' | 'operator' = 'operator'): SecretsManagerClient {
  return new SecretsManagerClient(aws.as(who));
}

async function valueOf(
  SecretId: string | undefined,
  who: 'function' | 'operator' = 'operator',
): Promise<string | undefined> {
  return (await client(who).send(new GetSecretValueCommand({ SecretId }))).SecretString;
}

describe('a secret of the template', () => {
  it('has one generated value, whether asked for by ARN, partial ARN or name', async () => {
    aws = await startAws();
    const arn = aws.stack.get('Pepper')?.arn ?? '';
    const { Name } = await client().send(new DescribeSecretCommand({ SecretId: arn }));
    const value = await valueOf(arn, 'function');
    expect(value).toMatch(/^[A-Za-z0-9]{40}$/);
    expect([await valueOf(Name), await valueOf(arn.slice(0, -7))]).toEqual([value, value]);
    expect(aws.calls.at(-1)).toMatchObject({ operation: 'secretsmanager:GetSecretValue', outcome: 'ok' });
  });

  it('keeps its value over restarts with a data directory, readable by its owner only, and is new without one', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'data-'));
    const values: (string | undefined)[] = [];
    for (const options of [{ dataDir }, { dataDir }, {}]) {
      aws = await startAws(options);
      values.push(await valueOf(aws.stack.get('Pepper')?.ref));
      await aws.close();
    }
    expect(values[1]).toBe(values[0]);
    expect(values[2]).not.toBe(values[0]);
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('is refused to a function without the permission', async () => {
    aws = await startAws({
      stack: boardStack(({ Resources }) =>
        Resources['BoardRole']!.Properties.Policies[0].PolicyDocument.Statement.pop(),
      ),
    });
    const { arn } = aws.stack.get('Pepper') ?? {};
    await expect(valueOf(arn, 'function')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /is not authorized to perform: secretsmanager:GetSecretValue on resource: \S+Pepper\S+ because no identity-based policy allows/,
      ),
    });
  });

  it('is not found under another name, stage or version', async () => {
    aws = await startAws();
    const SecretId = aws.stack.get('Pepper')?.ref;
    await expect(valueOf('other')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
    await expect(
      client().send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSPREVIOUS' })),
    ).rejects.toThrow("Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS");
    await expect(
      client().send(new GetSecretValueCommand({ SecretId, VersionId: '0'.repeat(32) })),
    ).rejects.toThrow(/specified secret value for VersionId/);
    await expect(client().send(new PutSecretValueCommand({ SecretId, SecretString: 'x' }))).rejects.toThrow(
      "The emulator's Secrets Manager does not support PutSecretValue",
    );
  });

  it('may have its value in the template', async () => {
    aws = await startAws({
      stack: boardStack(
        ({ Resources }) => (Resources['Pepper']!.Properties = { Name: 'salt', SecretString: 'pinch' }),
      ),
    });
    expect(await valueOf('salt')).toBe('pinch');
  });
});

describe('GenerateSecretString', () => {
  afterEach(() => {});

  it('makes 32 characters with one of every kind by default', () => {
    for (let round = 0; round < 50; round++) {
      const secret = generateSecret({});
      expect(secret).toHaveLength(32);
      for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[!-/:-@[-`{-~]/]) expect(secret).toMatch(kind);
    }
  });

  it.each([
    [{ ExcludePunctuation: true, ExcludeUppercase: true, PasswordLength: 64 }, /^[a-z0-9]{64}$/],
    [
      {
        ExcludeLowercase: true,
        ExcludeNumbers: true,
        ExcludePunctuation: true,
        ExcludeCharacters: 'ABC',
        PasswordLength: 20,
      },
      /^[D-Z]{20}$/,
    ],
    [
      {
        ExcludeLowercase: true,
        ExcludeUppercase: true,
        ExcludePunctuation: true,
        IncludeSpace: true,
        PasswordLength: 40,
      },
      /^(?=.* )[0-9 ]{40}$/,
    ],
    [
      { SecretStringTemplate: '{"user":"ann"}', GenerateStringKey: 'password', ExcludePunctuation: true },
      /^\{"user":"ann","password":"\w{32}"\}$/,
    ],
  ])('follows %j', (rules, pattern) => {
    expect(generateSecret(rules)).toMatch(pattern);
  });

  it('that excludes everything is refused', () => {
    expect(() =>
      generateSecret({
        ExcludeLowercase: true,
        ExcludeUppercase: true,
        ExcludeNumbers: true,
        ExcludePunctuation: true,
      }),
    ).toThrow('excludes every character');
    expect(() => generateSecret({ PasswordLength: 2 })).toThrow(
      '2 characters cannot hold one of each of 4 types',
    );
  });
});
