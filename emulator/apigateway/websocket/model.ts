import type { Clock, Resource, Stack } from '../../types.ts';
import { apiDomain } from '../arns.ts';
import type { Integration } from '../integration.ts';
import { integrationOf, targetOf } from '../read-integrations.ts';
import { UnsupportedResource } from '../template-error.ts';
import type {
  ApiProperties,
  AuthorizerProperties,
  RouteProperties,
  RouteResponseProperties,
  StageProperties,
} from '../template-properties.ts';
import { createThrottle, type Throttle } from '../token-bucket.ts';
import { readMock, type MockIntegration } from './mock-integration.ts';
import { compileRouteSelection, type RouteSelection } from './route-selection.ts';

export interface WebSocketApi {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly region: string;
  readonly accountId: string;
  readonly routes: ReadonlyMap<string, Route>;
  readonly select: RouteSelection;
  readonly stages: ReadonlyMap<string, Stage>;
}

export interface Route {
  readonly key: string;
  readonly integration?: Integration | MockIntegration;
  /** The function's `body` goes back to the client. */
  readonly twoWay: boolean;
  readonly authorizer?: Authorizer;
}

export interface Authorizer {
  readonly id: string;
  readonly uri: string;
  /** `route.request.header.X`, `route.request.querystring.X`, `stageVariables.X`, `context.X`: all must be there. */
  readonly identitySources: readonly string[];
}

export interface Stage {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  /** A stage that nothing was deployed to answers 403. */
  readonly deployed: boolean;
  readonly throttle: Throttle;
}

const RULES = { maximumTimeoutMs: 29_000 };
const DEFAULT_SELECTION = '$request.body.action';

/** The WebSocket APIs of a template. Throws UnsupportedResource for what this emulator can't play. */
export function readWebSocketApis(stack: Stack, clock: Clock): readonly WebSocketApi[] {
  return stack
    .ofType<ApiProperties>('AWS::ApiGatewayV2::Api')
    .filter((api) => api.properties.ProtocolType === 'WEBSOCKET')
    .map((api) => ({
      id: api.ref,
      name: api.properties.Name ?? api.logicalId,
      domain: apiDomain(stack, api.ref),
      region: stack.region,
      accountId: stack.accountId,
      routes: readRoutes(stack, api),
      select: readSelection(api),
      stages: readStages(stack, { api, clock }),
    }));
}

function readSelection(api: Resource<ApiProperties>): RouteSelection {
  try {
    return compileRouteSelection(api.properties.RouteSelectionExpression ?? DEFAULT_SELECTION);
  } catch (error) {
    throw new UnsupportedResource(api, (error as Error).message);
  }
}

function readStages(
  stack: Stack,
  of: { api: Resource<ApiProperties>; clock: Clock },
): ReadonlyMap<string, Stage> {
  const stages = stack
    .ofType<StageProperties>('AWS::ApiGatewayV2::Stage')
    .filter((stage) => stage.properties.ApiId === of.api.ref)
    .map(({ properties, logicalId }): Stage => ({
      name: properties.StageName ?? logicalId,
      variables: properties.StageVariables ?? {},
      deployed: String(properties.AutoDeploy) === 'true' || properties.DeploymentId !== undefined,
      throttle: createThrottle(properties, of.clock),
    }));
  return new Map(stages.map((stage) => [stage.name, stage]));
}

function readRoutes(stack: Stack, api: Resource<ApiProperties>): ReadonlyMap<string, Route> {
  const routes = stack
    .ofType<RouteProperties>('AWS::ApiGatewayV2::Route')
    .filter((route) => route.properties.ApiId === api.ref)
    .map((route) => readRoute(stack, route));
  return new Map(routes.map((route) => [route.key, route]));
}

function readRoute(stack: Stack, route: Resource<RouteProperties>): Route {
  const target = targetOf(stack, route);
  const isMock = target?.properties.IntegrationType === 'MOCK';
  const integration = isMock ? readMock(stack, target) : integrationOf(stack, route, RULES);
  const authorizer = readAuthorizer(stack, route);
  return {
    key: route.properties.RouteKey ?? '',
    twoWay: isTwoWay(stack, route),
    ...(integration && { integration }),
    ...(authorizer && { authorizer }),
  };
}

/** AWS: "Set up route responses for a WebSocket API": a route response, and the route's selection expression for it. */
function isTwoWay(stack: Stack, route: Resource<RouteProperties>): boolean {
  const responses = stack
    .ofType<RouteResponseProperties>('AWS::ApiGatewayV2::RouteResponse')
    .filter((response) => response.properties.RouteId === route.ref);
  if (responses.length > 0 && route.properties.RouteResponseSelectionExpression === undefined) {
    throw new UnsupportedResource(
      route,
      'it has a route response but no RouteResponseSelectionExpression; set it to "$default".',
    );
  }
  return responses.some((response) => response.properties.RouteResponseKey === '$default');
}

function readAuthorizer(stack: Stack, route: Resource<RouteProperties>): Authorizer | undefined {
  const { AuthorizationType = 'NONE', AuthorizerId, RouteKey } = route.properties;
  if (AuthorizationType === 'NONE') return undefined;
  if (AuthorizationType !== 'CUSTOM') {
    throw new UnsupportedResource(
      route,
      `AuthorizationType ${AuthorizationType} isn't emulated; use CUSTOM or NONE.`,
    );
  }
  if (RouteKey !== '$connect') throw new UnsupportedResource(route, 'only $connect can have an authorizer.');
  const found = stack
    .ofType<AuthorizerProperties>('AWS::ApiGatewayV2::Authorizer')
    .find((candidate) => candidate.ref === AuthorizerId);
  if (!found)
    throw new UnsupportedResource(
      route,
      `its AuthorizerId "${AuthorizerId}" is no authorizer of this template.`,
    );
  const { AuthorizerType, AuthorizerUri, IdentitySource } = found.properties;
  if (AuthorizerType !== 'REQUEST' || AuthorizerUri === undefined) {
    throw new UnsupportedResource(
      found,
      'WebSocket APIs take only REQUEST authorizers with an AuthorizerUri.',
    );
  }
  return { id: found.ref, uri: AuthorizerUri, identitySources: readIdentitySources(found, IdentitySource) };
}

const IDENTITY_SOURCE = /^(route\.request\.(header|querystring)|stageVariables|context)\../;

function readIdentitySources(
  authorizer: Resource<AuthorizerProperties>,
  value: AuthorizerProperties['IdentitySource'],
) {
  const sources = [value ?? []].flat().filter((source) => source !== '');
  for (const source of sources) {
    if (!IDENTITY_SOURCE.test(source)) {
      throw new UnsupportedResource(
        authorizer,
        `identity source "${source}" isn't one; write route.request.header.X or route.request.querystring.X.`,
      );
    }
  }
  return sources;
}
