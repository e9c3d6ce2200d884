import {
  CfnIntegrationResponse,
  WebSocketApi,
  WebSocketStage,
  type WebSocketIntegration,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketMockIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import { ROUTE, SOCKETIO_STAGE } from '../../lambdas/manifest/routes.ts';
import { accessLog } from './access-log.ts';
import { grantConnections, type ConnectionMethod } from './connections.ts';
import { addAuthorizedConnect } from './request-authorizer.ts';
import type { LogPolicy } from './retained-logs.ts';
import { StageIntegration } from './stage-integration.ts';

export interface SocketIoApiProps {
  readonly apiName: string;
  /** Token bucket of each route. */
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
  readonly logs: LogPolicy;
}

const MOCK = 'connect';

/** Key of the only template, and the expression that selects it: `\$default` is a constant, not a path. */
const TEMPLATE = '$default';
const ALWAYS = `\\${TEMPLATE}`;
const OK = JSON.stringify({ statusCode: 200 });

/**
 * The WebSocket API that stock Socket.IO clients reach with `transport=websocket`, and its only stage. Routes come last:
 * their function knows the stage's URL.
 */
export class SocketIoApi extends Construct {
  /** wss URL of the stage. */
  readonly url: string;
  /** https URL for @connections. */
  readonly callbackUrl: string;
  /** Host name of the API. */
  readonly domainName: string;
  readonly stage: WebSocketStage;
  readonly #api: WebSocketApi;

  constructor(scope: Construct, id: string, props: SocketIoApiProps) {
    super(scope, id);
    this.#api = new WebSocketApi(this, 'Api', {
      apiName: props.apiName,
      description: 'Causeway, Socket.IO over WebSocket',
      // Every frame is the bridge's: with a path into the body, a client could name the route that serves it.
      routeSelectionExpression: ALWAYS,
    });
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.#api,
      stageName: SOCKETIO_STAGE,
      autoDeploy: true,
      throttle: props.throttle,
      accessLogSettings: accessLog(this, 'webSocket', props.logs),
    });
    this.url = this.stage.url;
    this.callbackUrl = this.stage.callbackUrl;
    const { region, urlSuffix } = Stack.of(this);
    this.domainName = `${this.#api.apiId}.execute-api.${region}.${urlSuffix}`;
    Validations.of(this.#api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'A WebSocket API authorizes $connect only; every later frame rides that connection.',
    });
  }

  /** `handler` authorizes $connect and serves every frame and $disconnect. */
  route(handler: IFunction): void {
    this.#connect(handler);
    this.#api.addRoute(ROUTE.disconnect, {
      integration: new StageIntegration('disconnect', handler, SOCKETIO_STAGE),
    });
    // Two-way: what the function returns is the answer, and needs no @connections call.
    this.#api.addRoute(ROUTE.default, {
      integration: new StageIntegration('frame', handler, SOCKETIO_STAGE),
      returnResponse: true,
    });
  }

  /** Allows these methods on this stage's connections. */
  grantConnections(fn: IFunction, methods: readonly ConnectionMethod[]): void {
    grantConnections(fn, methods, { api: this.#api, stageName: SOCKETIO_STAGE });
  }

  /**
   * The authorizer does all the work of $connect: what it hands over comes back with every frame, so no frame has to look
   * up its session id. The integration only says yes. Other than a proxy's, its answer has to be spelt out, or the
   * upgrade fails (AWS "Manage connected users and client apps: $connect and $disconnect routes").
   */
  #connect(authorizer: IFunction): void {
    const route = addAuthorizedConnect(this.#api, authorizer, {
      integration: new WebSocketMockIntegration(MOCK, {
        requestTemplates: { [TEMPLATE]: OK },
        templateSelectionExpression: ALWAYS,
      }),
      returnResponse: true,
    });
    const integration = route.node.findChild(MOCK) as WebSocketIntegration;
    new CfnIntegrationResponse(this, 'ConnectResponse', {
      apiId: this.#api.apiId,
      integrationId: integration.integrationId,
      integrationResponseKey: TEMPLATE,
      responseTemplates: { [TEMPLATE]: OK },
      templateSelectionExpression: ALWAYS,
    });
  }
}
