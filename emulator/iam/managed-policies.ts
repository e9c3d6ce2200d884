/** The AWS managed policies that Lambda roles usually carry (AWS Managed Policy Reference Guide). */

interface ManagedPolicy {
  readonly Statement: readonly {
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: '*';
  }[];
}

const WRITE_LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const READ_QUEUE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const READ_STREAM = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
];
const WRITE_TRACES = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:GetSamplingStatisticSummaries',
];

export const AWS_MANAGED_POLICIES: Readonly<Record<string, ManagedPolicy>> = {
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': allow(WRITE_LOGS),
  'arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole': allow([
    ...READ_QUEUE,
    ...WRITE_LOGS,
  ]),
  'arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole': allow([
    ...READ_STREAM,
    ...WRITE_LOGS,
  ]),
  'arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess': allow(WRITE_TRACES),
  'arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess': allow(WRITE_TRACES),
};

function allow(actions: readonly string[]): ManagedPolicy {
  return { Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}
