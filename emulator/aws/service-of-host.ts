/** Which service a host name stands for ("AWS service endpoints" in the AWS General Reference). */

/** `dynamodb.us-east-1.amazonaws.com`, `<account>.ddb.us-east-1.amazonaws.com`, `<api>.execute-api.us-east-1.amazonaws.com`. */
const AWS_HOST = /^(?:[^.]+\.)?([a-z-]+)\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com(?::\d+)?$/;

/** Account-based endpoints of DynamoDB use another label. */
const LABELS: Readonly<Record<string, string>> = { ddb: 'dynamodb' };

const TARGETS: Readonly<Record<string, string>> = {
  DynamoDB_20120810: 'dynamodb',
  secretsmanager: 'secretsmanager',
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
};

/** The service of an unsigned request, by its host or else its target header: it decides what an error looks like. */
export function serviceOfHost(host: string, target: string | undefined): string {
  const label = AWS_HOST.exec(host)?.[1];
  if (label !== undefined) return LABELS[label] ?? label;
  return TARGETS[target?.split('.')[0] ?? ''] ?? 'execute-api';
}

/** A request to one service signed for another is refused; other hosts (127.0.0.1) stand for every service. */
export function scopeError(host: string, signedFor: string): string | undefined {
  if (!AWS_HOST.test(host)) return undefined;
  const service = serviceOfHost(host, undefined);
  return service === signedFor ? undefined : `Credential should be scoped to correct service: '${service}'. `;
}
