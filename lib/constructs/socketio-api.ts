import { CfnIntegrationResponse, type WebSocketIntegration } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketMockIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { ROUTE, SOCKETIO_STAGE } from '../../lambdas/manifest/routes.ts';
import { addAuthorizedConnect } from './request-authorizer.ts';
import { SocketApi, type SocketApiProps } from './socket-api.ts';
import { StageIntegration } from './stage-integration.ts';

const MOCK = 'connect';

/** Key of the only template, and the expression that selects it: `\$default` is a constant, not a path. */
const TEMPLATE = '$default';
const ALWAYS = `\\${TEMPLATE}`;
const OK = JSON.stringify({ statusCode: 200 });

/**
 * The WebSocket API that stock Socket.IO clients reach with `transport=websocket`, and its only stage. Routes come last:
 * their function knows the stage's URL.
 */
export class SocketIoApi extends SocketApi {
  constructor(scope: Construct, id: string, props: SocketApiProps) {
    super({ scope, id }, props, {
      description: 'Causeway, Socket.IO over WebSocket',
      stageName: SOCKETIO_STAGE,
      // Every frame is the bridge's: with a path into the body, a client could name the route that serves it.
      routeSelectionExpression: ALWAYS,
    });
  }

  /** `handler` authorizes $connect and serves every frame and $disconnect. */
  route(handler: IFunction): void {
    this.#connect(handler);
    this.api.addRoute(ROUTE.disconnect, {
      integration: new StageIntegration('disconnect', handler, SOCKETIO_STAGE),
    });
    // Two-way: what the function returns is the answer, and needs no @connections call.
    this.api.addRoute(ROUTE.default, {
      integration: new StageIntegration('frame', handler, SOCKETIO_STAGE),
      returnResponse: true,
    });
  }

  /**
   * The authorizer does all the work of $connect: what it hands over comes back with every frame, so no frame has to look
   * up its session id. The integration only says yes. Other than a proxy's, its answer has to be spelt out, or the
   * upgrade fails (AWS "Manage connected users and client apps: $connect and $disconnect routes").
   */
  #connect(authorizer: IFunction): void {
    const route = addAuthorizedConnect(this.api, authorizer, {
      integration: new WebSocketMockIntegration(MOCK, {
        requestTemplates: { [TEMPLATE]: OK },
        templateSelectionExpression: ALWAYS,
      }),
      returnResponse: true,
    });
    const integration = route.node.findChild(MOCK) as WebSocketIntegration;
    new CfnIntegrationResponse(this, 'ConnectResponse', {
      apiId: this.api.apiId,
      integrationId: integration.integrationId,
      integrationResponseKey: TEMPLATE,
      responseTemplates: { [TEMPLATE]: OK },
      templateSelectionExpression: ALWAYS,
    });
  }
}
