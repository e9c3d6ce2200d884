/** Secrets Manager: GetSecretValue and DescribeSecret for the secrets of the template (Secrets Manager API Reference). */
import { randomUUID } from 'node:crypto';
import type { Authorize, AwsRequest, AwsResponse, AwsServiceHandler, Resource, Stack } from '../types.ts';
import { awsError } from './aws-error.ts';
import { type GenerateSecretString, generateSecret } from './generate-secret.ts';
import { loadSecretFile, saveSecretFile } from './secret-file.ts';

const SERVICE = 'secretsmanager';
const CURRENT = 'AWSCURRENT';

interface SecretProperties {
  readonly Description?: string;
  readonly SecretString?: string;
  readonly GenerateSecretString?: GenerateSecretString;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  /** Absent when the template gives neither a value nor a rule to generate one. */
  readonly value?: string;
  readonly versionId: string;
  /** Epoch seconds. */
  readonly createdAt: number;
}

interface Input {
  readonly SecretId?: string;
  readonly VersionId?: string;
  readonly VersionStage?: string;
}

type Operation = (secret: Secret, input: Input) => AwsResponse;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetSecretValue: getSecretValue,
  DescribeSecret: describeSecret,
};

/** Generated values stay the same between starts when there is a `dataDir`. */
export function createSecretsManager({
  stack,
  dataDir,
}: {
  stack: Stack;
  dataDir?: string | undefined;
}): AwsServiceHandler {
  const kept = loadSecretFile(dataDir);
  const secrets = stack.ofType<SecretProperties>('AWS::SecretsManager::Secret').map((resource) => {
    const isGiven = resource.properties.SecretString !== undefined;
    return (isGiven ? undefined : kept.get(resource.ref)) ?? createSecret(resource);
  });
  saveSecretFile(dataDir, secrets);
  return {
    service: SERVICE,
    handle: (request, authorize) => Promise.resolve(handle(request, authorize, { stack, secrets })),
  };
}

function handle(
  request: AwsRequest,
  authorize: Authorize,
  { stack, secrets }: { stack: Stack; secrets: readonly Secret[] },
): AwsResponse {
  const name = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined)
    return fail(
      'UnknownOperationException',
      `The emulator's Secrets Manager does not support ${name || 'a request without x-amz-target'}`,
    );
  const input = parse(request.body);
  if (input === undefined) return fail('SerializationException', 'The request body is not a JSON object');
  if (typeof input.SecretId !== 'string' || input.SecretId === '') {
    return fail(
      'ValidationException',
      "1 validation error detected: Value at 'secretId' failed to satisfy constraint: Member must not be null",
    );
  }
  const secret = find(secrets, input.SecretId);
  const resource =
    secret?.arn ??
    (input.SecretId.startsWith('arn:')
      ? input.SecretId
      : `arn:aws:secretsmanager:${stack.region}:${stack.accountId}:secret:${input.SecretId}-??????`);
  const refusal = authorize(request, `${SERVICE}:${name}`, resource, { 'secretsmanager:SecretId': resource });
  if (refusal !== undefined) return fail('AccessDeniedException', refusal);
  if (secret === undefined)
    return fail('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  return operation(secret, input);
}

/** By name, ARN, or ARN without the random suffix ("partial ARN"). */
function find(secrets: readonly Secret[], id: string): Secret | undefined {
  return secrets.find(({ arn, name }) => id === name || id === arn || id === arn.slice(0, -7));
}

function getSecretValue(
  { arn, name, value, versionId, createdAt }: Secret,
  { VersionId, VersionStage = CURRENT }: Input,
): AwsResponse {
  if (
    value === undefined ||
    VersionStage !== CURRENT ||
    (VersionId !== undefined && VersionId !== versionId)
  ) {
    const label = VersionId === undefined ? `staging label: ${VersionStage}` : `VersionId: ${VersionId}`;
    return fail(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${label}`,
    );
  }
  return succeed({
    ARN: arn,
    CreatedDate: createdAt,
    Name: name,
    SecretString: value,
    VersionId: versionId,
    VersionStages: [CURRENT],
  });
}

function describeSecret({ arn, name, description, versionId, createdAt }: Secret): AwsResponse {
  return succeed({
    ARN: arn,
    CreatedDate: createdAt,
    Description: description,
    Name: name,
    VersionIdsToStages: { [versionId]: [CURRENT] },
  });
}

function createSecret({ ref, properties }: Resource<SecretProperties>): Secret {
  const { Description, SecretString, GenerateSecretString } = properties;
  const value =
    SecretString ?? (GenerateSecretString === undefined ? undefined : generateSecret(GenerateSecretString));
  return {
    arn: ref,
    name: ref.slice(ref.lastIndexOf(':') + 1, -7),
    versionId: randomUUID(),
    createdAt: Date.now() / 1000,
    ...(Description === undefined ? {} : { description: Description }),
    ...(value === undefined ? {} : { value }),
  };
}

function parse(body: Buffer): Input | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function succeed(output: Readonly<Record<string, unknown>>): AwsResponse {
  return { status: 200, body: JSON.stringify(output) };
}

function fail(code: string, message: string): AwsResponse {
  return awsError(SERVICE, { code, message });
}
