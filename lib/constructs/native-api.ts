import {
  WebSocketApi,
  WebSocketStage,
  type CfnApi,
  type CfnAuthorizer,
  type IWebSocketRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import { NATIVE_ACTIONS, NATIVE_STAGE, ROUTE } from '../../lambdas/manifest/routes.ts';
import { accessLog } from './access-log.ts';
import type { LogPolicy } from './retained-logs.ts';

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
    Validations.of(this.#api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'A WebSocket API authorizes $connect only; every later frame rides that connection.',
    });
  }

  route(functions: NativeFunctions): void {
    this.#api.addRoute(ROUTE.connect, {
      integration: new WebSocketLambdaIntegration('connect', functions.connect),
      authorizer: authorizer(functions.authorizer),
    });
    dropIdentitySource(this.#api);
    this.#api.addRoute(ROUTE.disconnect, {
      integration: new WebSocketLambdaIntegration('disconnect', functions.disconnect),
    });
    // One integration for all of them: each route adds only its permission.
    const message = new WebSocketLambdaIntegration('message', functions.message);
    for (const routeKey of [...NATIVE_ACTIONS, ROUTE.default]) {
      // Two-way: what the function returns is the answer, and needs no @connections call.
      this.#api.addRoute(routeKey, { integration: message, returnResponse: true });
    }
  }

  /** Allows these methods on this stage's connections, whose ids nobody can know beforehand. */
  grantConnections(fn: IFunction, methods: readonly ('POST' | 'DELETE')[]): void {
    if (methods.length === 0) return;
    const resources = methods.map((method) => this.#connectionsArn(method));
    fn.addToRolePolicy(new PolicyStatement({ actions: ['execute-api:ManageConnections'], resources }));
    for (const method of methods) this.#acknowledgeWildcard(fn, method);
  }

  #connectionsArn(method: string): string {
    const resourceName = connectionsOf(method);
    return Stack.of(this).formatArn({ service: 'execute-api', resource: this.#api.apiId, resourceName });
  }

  /** cdk-nag names a finding after the resource, with references in angle brackets. */
  #acknowledgeWildcard(fn: IFunction, method: string): void {
    const api = Stack.of(this).getLogicalId(this.#api.node.defaultChild as CfnApi);
    const arn = `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${api}>/${connectionsOf(method)}`;
    Validations.of(fn.role ?? fn).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${arn}]`,
      reason: 'Ids of connections are made by API Gateway; the method, the stage and the API are spelt out.',
    });
  }
}

function connectionsOf(method: string): string {
  return `${NATIVE_STAGE}/${method}/@connections/*`;
}

const AUTHORIZER = 'authorizer';

function authorizer(handler: IFunction): IWebSocketRouteAuthorizer {
  return new WebSocketLambdaAuthorizer(AUTHORIZER, handler, { identitySource: [] });
}

/**
 * With an identity source, API Gateway answers 401 by itself when that one place holds no token; a token may come in the
 * query, a header or the subprotocol. The L2 construct's default is the Authorization header, and an empty list, which it
 * passes on, is not the absence that the API reference speaks of.
 */
function dropIdentitySource(api: WebSocketApi): void {
  const resource = api.node.findChild(AUTHORIZER).node.defaultChild as CfnAuthorizer;
  resource.addPropertyDeletionOverride('IdentitySource');
}
