import type {
  WebSocketRouteIntegrationBindOptions,
  WebSocketRouteIntegrationConfig,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { CfnPermission, IFunction } from 'aws-cdk-lib/aws-lambda';
import { Stack } from 'aws-cdk-lib/core';

/**
 * A function behind routes of a WebSocket API, which may be invoked from one stage and by those routes. The base class
 * lets in every stage, and every route that ends alike: its pattern for `ping` is `*ping`, as `typing` ends, too.
 */
export class StageIntegration extends WebSocketLambdaIntegration {
  readonly #permissionId: string;
  readonly #stageName: string;

  constructor(id: string, handler: IFunction, stageName: string) {
    super(id, handler);
    this.#permissionId = `${id}-Permission`;
    this.#stageName = stageName;
  }

  override bind(options: WebSocketRouteIntegrationBindOptions): WebSocketRouteIntegrationConfig {
    const { route, scope } = options;
    const config = super.bind(options);
    const permission = scope.node.findChild(this.#permissionId) as CfnPermission;
    permission.sourceArn = Stack.of(route).formatArn({
      service: 'execute-api',
      resource: route.webSocketApi.apiId,
      resourceName: `${this.#stageName}/${route.routeKey}`,
    });
    return config;
  }
}
