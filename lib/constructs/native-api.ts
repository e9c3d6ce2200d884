import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { NATIVE_ACTIONS, NATIVE_STAGE, ROUTE } from '../../lambdas/manifest/routes.ts';
import { addAuthorizedConnect } from './request-authorizer.ts';
import { SocketApi, type SocketApiProps } from './socket-api.ts';
import { StageIntegration } from './stage-integration.ts';

/** The functions behind the routes. */
export interface NativeFunctions {
  readonly authorizer: IFunction;
  readonly connect: IFunction;
  readonly disconnect: IFunction;
  /** Serves every message route. */
  readonly message: IFunction;
}

/** The WebSocket API of the native protocol and its only stage. Routes come last: their functions know the stage's URL. */
export class NativeApi extends SocketApi {
  constructor(scope: Construct, id: string, props: SocketApiProps) {
    super({ scope, id }, props, {
      description: 'Causeway, native JSON protocol',
      stageName: NATIVE_STAGE,
      routeSelectionExpression: '$request.body.action',
    });
  }

  route(functions: NativeFunctions): void {
    // A token may come in the query, a header or the subprotocol: no identity source can say that.
    addAuthorizedConnect(this.api, functions.authorizer, {
      integration: new StageIntegration('connect', functions.connect, NATIVE_STAGE),
    });
    this.api.addRoute(ROUTE.disconnect, {
      integration: new StageIntegration('disconnect', functions.disconnect, NATIVE_STAGE),
    });
    // One integration for all of them: each route adds only its permission.
    const message = new StageIntegration('message', functions.message, NATIVE_STAGE);
    for (const routeKey of [...NATIVE_ACTIONS, ROUTE.default]) {
      // Two-way: what the function returns is the answer, and needs no @connections call.
      this.api.addRoute(routeKey, { integration: message, returnResponse: true });
    }
  }
}
