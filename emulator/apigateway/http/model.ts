import type { Resource, Stack } from '../../types.ts';
import { apiDomain } from '../arns.ts';
import type { Integration } from '../integration.ts';
import { integrationOf } from '../read-integrations.ts';
import { UnsupportedResource } from '../template-error.ts';
import type { ApiProperties, RouteProperties, StageProperties } from '../template-properties.ts';
import { createThrottle, type Throttle } from '../token-bucket.ts';
import type { Clock } from '../../types.ts';
import { readCors, type Cors } from './cors.ts';
import { parseRouteKey, type RoutePattern } from './route-match.ts';

export interface HttpApi {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly region: string;
  readonly accountId: string;
  readonly routes: readonly HttpRoute[];
  readonly stages: ReadonlyMap<string, HttpStage>;
  readonly cors?: Cors;
}

export interface HttpRoute extends RoutePattern {
  readonly integration: Integration;
}

export interface HttpStage {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly throttle: Throttle;
}

/** The stage that is served at the root of the host. */
export const DEFAULT_STAGE = '$default';

const RULES = { maximumTimeoutMs: 30_000, payloadFormat: '2.0' };

/** The HTTP APIs of a template. Throws UnsupportedResource for what this emulator can't play. */
export function readHttpApis(stack: Stack, clock: Clock): readonly HttpApi[] {
  return stack
    .ofType<ApiProperties>('AWS::ApiGatewayV2::Api')
    .filter((api) => api.properties.ProtocolType === 'HTTP')
    .map((api) => ({
      id: api.ref,
      name: api.properties.Name ?? api.logicalId,
      domain: apiDomain(stack, api.ref),
      region: stack.region,
      accountId: stack.accountId,
      routes: readRoutes(stack, api),
      stages: readStages(stack, { api, clock }),
      ...(api.properties.CorsConfiguration && { cors: readCors(api.properties.CorsConfiguration) }),
    }));
}

function readRoutes(stack: Stack, api: Resource<ApiProperties>): readonly HttpRoute[] {
  return stack
    .ofType<RouteProperties>('AWS::ApiGatewayV2::Route')
    .filter((route) => route.properties.ApiId === api.ref)
    .map((route) => {
      const { AuthorizationType = 'NONE', RouteKey } = route.properties;
      if (AuthorizationType !== 'NONE') {
        throw new UnsupportedResource(
          route,
          `AuthorizationType ${AuthorizationType} isn't emulated on HTTP APIs; use NONE and check tokens in the function.`,
        );
      }
      const pattern = parseRouteKey(RouteKey ?? '');
      if (!pattern)
        throw new UnsupportedResource(
          route,
          `"${RouteKey}" is no route key; write "GET /path", "ANY /{proxy+}" or "$default".`,
        );
      const integration = integrationOf(stack, route, RULES);
      if (!integration) throw new UnsupportedResource(route, 'it has no Target, so AWS would answer 500.');
      return { ...pattern, integration };
    });
}

function readStages(
  stack: Stack,
  of: { api: Resource<ApiProperties>; clock: Clock },
): ReadonlyMap<string, HttpStage> {
  const stages = stack
    .ofType<StageProperties>('AWS::ApiGatewayV2::Stage')
    .filter((stage) => stage.properties.ApiId === of.api.ref)
    .filter(
      ({ properties }) => String(properties.AutoDeploy) === 'true' || properties.DeploymentId !== undefined,
    )
    .map(({ properties, logicalId }): HttpStage => ({
      name: properties.StageName ?? logicalId,
      variables: properties.StageVariables ?? {},
      throttle: createThrottle(properties, of.clock),
    }));
  return new Map(stages.map((stage) => [stage.name, stage]));
}
