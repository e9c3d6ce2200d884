/**
 * The resource types the emulator understands, as data: what `Ref` and `Fn::GetAtt` give for each.
 * Source: AWS CloudFormation "Resource type reference", section "Return values" of each type.
 */
import {
  apiId,
  bucketName,
  distributionDomain,
  distributionId,
  generatedName,
  policyId,
  secretSuffix,
  shortId,
} from './naming.ts';

/** One resource as its own rules see it. */
export interface Identity {
  readonly logicalId: string;
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  /** The physical name or id. */
  readonly name: string;
  /** A resolved property of the resource. */
  readonly property: (name: string) => unknown;
}

type Rule = (resource: Identity) => string;

export interface KnownType {
  /** The property that holds the name when the template chooses one. */
  readonly nameProperty?: string;
  /** The name or id otherwise. Default: `<stack>-<logical id>-<random>`. */
  readonly generate?: (resource: Omit<Identity, 'name' | 'property'>) => string;
  readonly ref?: Rule;
  readonly arn?: Rule;
  /** `Fn::GetAtt` besides `Arn`. */
  readonly attributes?: Readonly<Record<string, Rule>>;
  /** It has no effect here; its properties are resolved only when somebody asks. */
  readonly ignorable?: true;
}

const API_PART: KnownType = { generate: ({ logicalId }) => shortId(logicalId) };
const IGNORABLE: KnownType = { ignorable: true };

const EDGE_POLICY: KnownType = {
  generate: ({ logicalId }) => policyId(logicalId),
  attributes: { Id: ({ name }) => name },
};

const TABLE: KnownType = {
  nameProperty: 'TableName',
  arn: tableArn,
  attributes: {
    StreamArn: (table) => `${tableArn(table)}/stream/2024-01-01T00:00:00.000`,
    TableId: ({ logicalId }) => `${apiId(logicalId)}-table`,
  },
};

export const KNOWN_TYPES: Readonly<Record<string, KnownType>> = {
  'AWS::DynamoDB::Table': TABLE,
  'AWS::DynamoDB::GlobalTable': TABLE,
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    arn: (fn) => arn(fn, 'lambda', `function:${fn.name}`),
  },
  'AWS::Lambda::Permission': {},
  'AWS::Lambda::EventInvokeConfig': {},
  'AWS::Lambda::EventSourceMapping': { generate: ({ logicalId }) => policyId(logicalId) },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    ref: queueUrl,
    arn: (queue) => arn(queue, 'sqs', queue.name),
    attributes: { QueueName: ({ name }) => name, QueueUrl: queueUrl },
  },
  'AWS::SQS::QueuePolicy': {},
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    arn: (role) => globalArn(role, `role${path(role)}${role.name}`),
    attributes: { RoleId: ({ logicalId }) => `AROA${apiId(logicalId).toUpperCase()}` },
  },
  'AWS::IAM::Policy': { nameProperty: 'PolicyName' },
  'AWS::IAM::ManagedPolicy': {
    nameProperty: 'ManagedPolicyName',
    ref: managedPolicyArn,
    attributes: { PolicyArn: managedPolicyArn },
  },
  'AWS::ApiGatewayV2::Api': {
    generate: ({ logicalId }) => apiId(logicalId),
    attributes: {
      ApiId: ({ name }) => name,
      ApiEndpoint: (api) =>
        `${api.property('ProtocolType') === 'WEBSOCKET' ? 'wss' : 'https'}://${api.name}.execute-api.${api.region}.amazonaws.com`,
    },
  },
  'AWS::ApiGatewayV2::Stage': { nameProperty: 'StageName' },
  'AWS::ApiGatewayV2::Route': { ...API_PART, attributes: { RouteId: ({ name }) => name } },
  'AWS::ApiGatewayV2::Integration': { ...API_PART, attributes: { IntegrationId: ({ name }) => name } },
  'AWS::ApiGatewayV2::RouteResponse': { ...API_PART, attributes: { RouteResponseId: ({ name }) => name } },
  'AWS::ApiGatewayV2::IntegrationResponse': {
    ...API_PART,
    attributes: { IntegrationResponseId: ({ name }) => name },
  },
  'AWS::ApiGatewayV2::Authorizer': { ...API_PART, attributes: { AuthorizerId: ({ name }) => name } },
  'AWS::ApiGatewayV2::Deployment': { ...API_PART, attributes: { DeploymentId: ({ name }) => name } },
  'AWS::ApiGatewayV2::Model': { ...API_PART, attributes: { ModelId: ({ name }) => name } },
  'AWS::CloudFront::Distribution': {
    generate: ({ logicalId }) => distributionId(logicalId),
    attributes: {
      Id: ({ name }) => name,
      DomainName: ({ logicalId }) => distributionDomain(logicalId),
    },
  },
  'AWS::CloudFront::Function': {
    nameProperty: 'Name',
    ref: edgeFunctionArn,
    arn: edgeFunctionArn,
    attributes: {
      FunctionARN: edgeFunctionArn,
      'FunctionMetadata.FunctionARN': edgeFunctionArn,
      Stage: () => 'LIVE',
    },
  },
  'AWS::CloudFront::OriginAccessControl': EDGE_POLICY,
  'AWS::CloudFront::ResponseHeadersPolicy': EDGE_POLICY,
  'AWS::CloudFront::OriginRequestPolicy': EDGE_POLICY,
  'AWS::CloudFront::CachePolicy': EDGE_POLICY,
  'AWS::Scheduler::Schedule': {
    nameProperty: 'Name',
    arn: (schedule) => arn(schedule, 'scheduler', `schedule/${groupOf(schedule)}/${schedule.name}`),
  },
  'AWS::Scheduler::ScheduleGroup': {
    nameProperty: 'Name',
    arn: (group) => arn(group, 'scheduler', `schedule-group/${group.name}`),
  },
  'AWS::Events::Rule': { nameProperty: 'Name', arn: (rule) => arn(rule, 'events', `rule/${rule.name}`) },
  'AWS::SecretsManager::Secret': {
    nameProperty: 'Name',
    generate: ({ stackName, logicalId }) =>
      generatedName(stackName, logicalId).slice(stackName.slice(0, 24).length + 1),
    ref: secretArn,
    arn: secretArn,
    attributes: { Id: secretArn },
  },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    generate: ({ stackName, logicalId }) => bucketName(stackName, logicalId),
    arn: bucketArn,
    attributes: {
      DomainName: ({ name }) => `${name}.s3.amazonaws.com`,
      RegionalDomainName: ({ name, region }) => `${name}.s3.${region}.amazonaws.com`,
    },
  },
  'AWS::S3::BucketPolicy': {},
  // aws-cdk-lib's BucketDeployment; s3/deployments.ts does what it asks its function for.
  'Custom::CDKBucketDeployment': {},
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    // The documented value of Arn ends with `:*`.
    arn: (group) => arn(group, 'logs', `log-group:${group.name}:*`),
  },
  // The account-wide role with which API Gateway writes its logs.
  'AWS::ApiGateway::Account': { ...API_PART, attributes: { Id: ({ name }) => name } },
  // Of functions that run something else than Node.js, which this emulator does not.
  'AWS::Lambda::LayerVersion': { ...IGNORABLE, nameProperty: 'LayerName', ref: layerArn },
  // Observed or operated, never called: nothing in a run depends on them.
  'AWS::CDK::Metadata': IGNORABLE,
  'AWS::CloudWatch::Alarm': {
    ...IGNORABLE,
    nameProperty: 'AlarmName',
    arn: (alarm) => arn(alarm, 'cloudwatch', `alarm:${alarm.name}`),
  },
  'AWS::CloudWatch::CompositeAlarm': {
    ...IGNORABLE,
    nameProperty: 'AlarmName',
    arn: (alarm) => arn(alarm, 'cloudwatch', `alarm:${alarm.name}`),
  },
  'AWS::CloudWatch::Dashboard': { ...IGNORABLE, nameProperty: 'DashboardName' },
  'AWS::Logs::MetricFilter': IGNORABLE,
  'AWS::Logs::QueryDefinition': IGNORABLE,
  'AWS::Logs::ResourcePolicy': IGNORABLE,
  'AWS::ApplicationAutoScaling::ScalableTarget': IGNORABLE,
  'AWS::ApplicationAutoScaling::ScalingPolicy': IGNORABLE,
  'AWS::ResourceGroups::Group': IGNORABLE,
  'Custom::LogRetention': {
    ...IGNORABLE,
    attributes: { LogGroupName: ({ property }) => String(property('LogGroupName')) },
  },
};

function arn({ region, accountId }: Identity, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

function bucketArn({ name }: Identity): string {
  return `arn:aws:s3:::${name}`;
}

function layerArn(layer: Identity): string {
  return arn(layer, 'lambda', `layer:${layer.name}:1`);
}

function globalArn({ accountId }: Identity, resource: string): string {
  return `arn:aws:iam::${accountId}:${resource}`;
}

function path(resource: Identity): string {
  const chosen = resource.property('Path');
  return typeof chosen === 'string' ? chosen : '/';
}

function edgeFunctionArn({ accountId, name }: Identity): string {
  return `arn:aws:cloudfront::${accountId}:function/${name}`;
}

function queueUrl({ region, accountId, name }: Identity): string {
  return `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;
}

function groupOf(schedule: Identity): string {
  const chosen = schedule.property('GroupName');
  return typeof chosen === 'string' ? chosen : 'default';
}

function tableArn(table: Identity): string {
  return arn(table, 'dynamodb', `table/${table.name}`);
}

function managedPolicyArn(policy: Identity): string {
  return globalArn(policy, `policy${path(policy)}${policy.name}`);
}

function secretArn(secret: Identity): string {
  return arn(secret, 'secretsmanager', `secret:${secret.name}-${secretSuffix(secret.logicalId)}`);
}
