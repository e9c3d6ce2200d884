import type { CfnAuthorizer, WebSocketApi, WebSocketRouteOptions } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';

import { ROUTE } from '../../lambdas/manifest/routes.ts';

const AUTHORIZER = 'authorizer';

/** Adds `$connect` behind a REQUEST authorizer that API Gateway asks about every request, whatever it carries. */
export function addAuthorizedConnect(
  api: WebSocketApi,
  authorizer: IFunction,
  options: Omit<WebSocketRouteOptions, 'authorizer'>,
) {
  const route = api.addRoute(ROUTE.connect, {
    ...options,
    authorizer: new WebSocketLambdaAuthorizer(AUTHORIZER, authorizer, { identitySource: [] }),
  });
  // With an identity source, API Gateway answers 401 by itself when that one place holds nothing. The L2 construct's
  // default is the Authorization header, and an empty list, which it passes on, is not the absence that the API
  // reference speaks of.
  const resource = api.node.findChild(AUTHORIZER).node.defaultChild as CfnAuthorizer;
  resource.addPropertyDeletionOverride('IdentitySource');
  return route;
}
