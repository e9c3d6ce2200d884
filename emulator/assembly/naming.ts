/** Names and ids AWS would have drawn at random, derived from the logical id so that every start gives the same ones. */
import { createHash } from 'node:crypto';

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const MIXED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `<stack>-<logical id>-<12 capitals or digits>`, at most 64 characters, as CloudFormation makes them. */
export function generatedName(stackName: string, logicalId: string): string {
  const suffix = draw(`${stackName}/${logicalId}`, UPPER, 12);
  return `${stackName.slice(0, 24)}-${logicalId.slice(0, 26)}-${suffix}`;
}

/** A bucket's name: lower case, at most 63 characters. */
export function bucketName(stackName: string, logicalId: string): string {
  return generatedName(stackName, logicalId).toLowerCase();
}

/** An API id: ten lower-case letters or digits. */
export function apiId(logicalId: string): string {
  return draw(logicalId, LOWER, 10);
}

/** The id of a route, integration, authorizer, …: seven lower-case letters or digits. */
export function shortId(logicalId: string): string {
  return draw(logicalId, LOWER, 7);
}

/** The id of a CloudFront distribution: E and 13 capitals or digits. */
export function distributionId(logicalId: string): string {
  return `E${draw(logicalId, UPPER, 13)}`;
}

/** `d111111abcdef8.cloudfront.net` */
export function distributionDomain(logicalId: string): string {
  return `d${draw(logicalId, LOWER, 13)}.cloudfront.net`;
}

/** The id of a CloudFront policy: a UUID. */
export function policyId(logicalId: string): string {
  const hex = createHash('sha256').update(logicalId).digest('hex').slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The six characters Secrets Manager appends to a secret's name in its ARN. */
export function secretSuffix(logicalId: string): string {
  return draw(logicalId, MIXED, 6);
}

function draw(seed: string, alphabet: string, length: number): string {
  const bytes = createHash('sha256').update(seed).digest();
  return Array.from({ length }, (_, index) => alphabet[(bytes[index] ?? 0) % alphabet.length]).join('');
}
