import type { Resource, Stack } from '../types.ts';
import type { Integration } from './integration.ts';
import { UnsupportedResource } from './template-error.ts';
import type { IntegrationProperties, RouteProperties } from './template-properties.ts';

/** Longest integration timeout: "API Gateway quotas", 29 s for WebSocket APIs, 30 s for HTTP APIs. */
export interface IntegrationRules {
  readonly maximumTimeoutMs: number;
  /** HTTP APIs only: the one payload format this emulator plays. */
  readonly payloadFormat?: string;
}

/** The integration a route's `Target` (`integrations/<id>`) names; undefined for a route without one. */
export function integrationOf(
  stack: Stack,
  route: Resource<RouteProperties>,
  rules: IntegrationRules,
): Integration | undefined {
  const found = targetOf(stack, route);
  return found && readIntegration(found, rules);
}

/** The integration resource a route's `Target` names; undefined for a route without one. */
export function targetOf(
  stack: Stack,
  route: Resource<RouteProperties>,
): Resource<IntegrationProperties> | undefined {
  const target = route.properties.Target;
  if (target === undefined) return undefined;
  const found = stack
    .ofType<IntegrationProperties>('AWS::ApiGatewayV2::Integration')
    .find((candidate) => target === `integrations/${candidate.ref}`);
  if (!found)
    throw new UnsupportedResource(route, `its Target "${target}" is no integration of this template.`);
  return found;
}

function readIntegration(found: Resource<IntegrationProperties>, rules: IntegrationRules): Integration {
  const { IntegrationType, IntegrationUri, TimeoutInMillis, PayloadFormatVersion } = found.properties;
  if (IntegrationType !== 'AWS_PROXY') {
    throw new UnsupportedResource(
      found,
      `IntegrationType ${IntegrationType} isn't emulated here; use AWS_PROXY (a Lambda function).`,
    );
  }
  if (IntegrationUri === undefined) throw new UnsupportedResource(found, 'it has no IntegrationUri.');
  if (rules.payloadFormat !== undefined && PayloadFormatVersion !== rules.payloadFormat) {
    throw new UnsupportedResource(
      found,
      `PayloadFormatVersion ${PayloadFormatVersion ?? '1.0'} isn't emulated; use ${rules.payloadFormat}.`,
    );
  }
  const timeoutMs = Number(TimeoutInMillis ?? rules.maximumTimeoutMs);
  if (!(timeoutMs >= 50 && timeoutMs <= rules.maximumTimeoutMs)) {
    throw new UnsupportedResource(found, `TimeoutInMillis must be between 50 and ${rules.maximumTimeoutMs}.`);
  }
  return { kind: 'lambda', logicalId: found.logicalId, uri: IntegrationUri, timeoutMs };
}
