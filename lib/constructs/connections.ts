import type { CfnApi, WebSocketApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Stack, Validations } from 'aws-cdk-lib/core';

/** Methods of @connections (AWS "Control access to a WebSocket API with IAM authorization"). */
export type ConnectionMethod = 'POST' | 'GET' | 'DELETE';

/** The connections of one stage of a WebSocket API. */
export interface StageConnections {
  readonly api: WebSocketApi;
  readonly stageName: string;
}

/** Allows these methods on a stage's connections, whose ids nobody can know beforehand. */
export function grantConnections(
  fn: IFunction,
  methods: readonly ConnectionMethod[],
  { api, stageName }: StageConnections,
): void {
  if (methods.length === 0) return;
  const stack = Stack.of(api);
  const paths = methods.map((method) => `${stageName}/${method}/@connections/*`);
  const resources = paths.map((resourceName) =>
    stack.formatArn({ service: 'execute-api', resource: api.apiId, resourceName }),
  );
  fn.addToRolePolicy(new PolicyStatement({ actions: ['execute-api:ManageConnections'], resources }));
  // cdk-nag names a finding after the resource, with references in angle brackets.
  const id = stack.getLogicalId(api.node.defaultChild as CfnApi);
  for (const path of paths) {
    Validations.of(fn.role ?? fn).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${id}>/${path}]`,
      reason: 'Ids of connections are made by API Gateway; the method, the stage and the API are spelt out.',
    });
  }
}
