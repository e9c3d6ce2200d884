import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import { accessLog } from './access-log.ts';
import { grantConnections, type ConnectionMethod } from './connections.ts';
import type { LogPolicy } from './retained-logs.ts';

export interface SocketApiProps {
  readonly apiName: string;
  /** Token bucket of each route. */
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
  readonly logs: LogPolicy;
}

/** What the WebSocket APIs differ in. */
interface Protocol {
  readonly description: string;
  readonly stageName: string;
  readonly routeSelectionExpression: string;
}

/** A WebSocket API and its only stage. Routes come last: their functions know the stage's URL. */
export abstract class SocketApi extends Construct {
  /** wss URL clients connect to. */
  readonly url: string;
  /** https URL for @connections. */
  readonly callbackUrl: string;
  /** Host name of the API. */
  readonly domainName: string;
  readonly stage: WebSocketStage;
  protected readonly api: WebSocketApi;
  readonly #stageName: string;

  protected constructor(
    node: { readonly scope: Construct; readonly id: string },
    { apiName, throttle, logs }: SocketApiProps,
    { description, stageName, routeSelectionExpression }: Protocol,
  ) {
    super(node.scope, node.id);
    this.#stageName = stageName;
    this.api = new WebSocketApi(this, 'Api', { apiName, description, routeSelectionExpression });
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName,
      autoDeploy: true,
      throttle,
      accessLogSettings: accessLog(this, 'webSocket', logs),
    });
    this.url = this.stage.url;
    this.callbackUrl = this.stage.callbackUrl;
    const { region, urlSuffix } = Stack.of(this);
    this.domainName = `${this.api.apiId}.execute-api.${region}.${urlSuffix}`;
    Validations.of(this.api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'A WebSocket API authorizes $connect only; every later frame rides that connection.',
    });
  }

  /** Allows these methods on this stage's connections. */
  grantConnections(fn: IFunction, methods: readonly ConnectionMethod[]): void {
    grantConnections(fn, methods, { api: this.api, stageName: this.#stageName });
  }
}
