import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import { NATIVE_ACTIONS, NATIVE_STAGE, ROUTE } from '../../lambdas/manifest/routes.ts';
import { accessLog } from './access-log.ts';
import { grantConnections, type ConnectionMethod } from './connections.ts';
import { addAuthorizedConnect } from './request-authorizer.ts';
import type { LogPolicy } from './retained-logs.ts';
import { StageIntegration } from './stage-integration.ts';

export interface NativeApiProps {
  readonly apiName: string;
  /** Token bucket of each route. */
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
  readonly logs: LogPolicy;
}

/** The functions behind the routes. */
export interface NativeFunctions {
  readonly authorizer: IFunction;
  readonly connect: IFunction;
  readonly disconnect: IFunction;
  /** Serves every message route. */
  readonly message: IFunction;
}

/** The WebSocket API of the native protocol and its only stage. Routes come last: their functions know the stage's URL. */
export class NativeApi extends Construct {
  /** wss URL clients connect to. */
  readonly url: string;
  /** https URL for @connections. */
  readonly callbackUrl: string;
  /** Host name of the API. */
  readonly domainName: string;
  readonly stage: WebSocketStage;
  readonly #api: WebSocketApi;

  constructor(scope: Construct, id: string, props: NativeApiProps) {
    super(scope, id);
    this.#api = new WebSocketApi(this, 'Api', {
      apiName: props.apiName,
      description: 'Causeway, native JSON protocol',
      routeSelectionExpression: '$request.body.action',
    });
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.#api,
      stageName: NATIVE_STAGE,
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

  route(functions: NativeFunctions): void {
    // A token may come in the query, a header or the subprotocol: no identity source can say that.
    addAuthorizedConnect(this.#api, functions.authorizer, {
      integration: new StageIntegration('connect', functions.connect, NATIVE_STAGE),
    });
    this.#api.addRoute(ROUTE.disconnect, {
      integration: new StageIntegration('disconnect', functions.disconnect, NATIVE_STAGE),
    });
    // One integration for all of them: each route adds only its permission.
    const message = new StageIntegration('message', functions.message, NATIVE_STAGE);
    for (const routeKey of [...NATIVE_ACTIONS, ROUTE.default]) {
      // Two-way: what the function returns is the answer, and needs no @connections call.
      this.#api.addRoute(routeKey, { integration: message, returnResponse: true });
    }
  }

  /** Allows these methods on this stage's connections. */
  grantConnections(fn: IFunction, methods: readonly ConnectionMethod[]): void {
    grantConnections(fn, methods, { api: this.#api, stageName: NATIVE_STAGE });
  }
}
