import { expect, test } from 'vitest';

import { ROUTE } from '../../lambdas/manifest/routes.ts';
import { functionOf, resourcesOf, templateOf, type TemplateResource } from './stack-under-test.ts';

const template = templateOf({ stage: { rateLimit: 5, burstLimit: 7 } });
const [apiId, api] = resourcesOf(template, 'AWS::ApiGatewayV2::Api').find(
  ([, { Properties: p }]) => p['Name'] === 'causeway-socketio',
)!;
const [functionId] = functionOf(template, 'socketio');
const integrations = ofApi('AWS::ApiGatewayV2::Integration');
const routes = ofApi('AWS::ApiGatewayV2::Route');

test('every frame takes $default, whatever its body says', () => {
  expect(api.Properties).toMatchObject({ ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '\\$default' });
  const keys = [...routes.values()].map(({ Properties: p }) => p['RouteKey'] as string);
  expect(keys.toSorted()).toEqual(Object.values(ROUTE).toSorted());
});

test('$connect is decided by an authorizer that is asked about every request', () => {
  const [[authorizerId, authorizer]] = [...ofApi('AWS::ApiGatewayV2::Authorizer')] as [
    [string, TemplateResource],
  ];
  expect(authorizer.Properties['AuthorizerType']).toBe('REQUEST');
  expect(authorizer.Properties).not.toHaveProperty('IdentitySource');
  expect(JSON.stringify(authorizer.Properties['AuthorizerUri'])).toContain(functionId);
  for (const { Properties: p } of routes.values()) {
    const expected = p['RouteKey'] === ROUTE.connect ? { Ref: authorizerId } : undefined;
    expect(p['AuthorizerId'], p['RouteKey']).toEqual(expected);
  }
});

test('$connect itself is answered by API Gateway: 200, spelt out as a mock needs it', () => {
  const [id, integration] = integrationOf(ROUTE.connect);
  expect(integration.Properties).toMatchObject({
    IntegrationType: 'MOCK',
    RequestTemplates: { $default: '{"statusCode":200}' },
    TemplateSelectionExpression: '\\$default',
  });
  const responses = [...ofApi('AWS::ApiGatewayV2::IntegrationResponse').values()];
  expect(responses.map(({ Properties: p }) => p)).toEqual([
    expect.objectContaining({ IntegrationId: { Ref: id }, IntegrationResponseKey: '$default' }),
  ]);
});

test.each([ROUTE.default, ROUTE.disconnect])('route %s runs socketio', (routeKey) => {
  const [, integration] = integrationOf(routeKey);
  expect(integration.Properties['IntegrationType']).toBe('AWS_PROXY');
  expect(JSON.stringify(integration.Properties['IntegrationUri'])).toContain(functionId);
});

test('a frame is answered on its route: acks and replies need no call', () => {
  const [routeId, route] = [...routes].find(([, { Properties: p }]) => p['RouteKey'] === ROUTE.default)!;
  expect(route.Properties['RouteResponseSelectionExpression']).toBe('$default');
  const responses = [...ofApi('AWS::ApiGatewayV2::RouteResponse').values()].map(({ Properties: p }) => p);
  expect(responses).toContainEqual(
    expect.objectContaining({ RouteId: { Ref: routeId }, RouteResponseKey: '$default' }),
  );
});

test('socketio may be invoked for the authorizer, frames and $disconnect, not for $connect', () => {
  const sources = resourcesOf(template, 'AWS::Lambda::Permission')
    .filter(([, { Properties: p }]) => p['FunctionName']['Fn::GetAtt'][0] === functionId)
    .map(([, { Properties: p }]) => {
      const parts: readonly (string | { Ref: string })[] = p['SourceArn']['Fn::Join'][1];
      const text = parts.map((part) => (typeof part === 'string' ? part : part.Ref)).join('');
      return text.slice(text.indexOf(apiId));
    });
  expect(sources.toSorted()).toEqual([
    expect.stringMatching(new RegExp(`^${apiId}/authorizers/`)),
    `${apiId}/socketio/$default`,
    `${apiId}/socketio/$disconnect`,
  ]);
});

test('the stage deploys by itself, throttles and waits for the role its access log needs', () => {
  const [stage] = [...ofApi('AWS::ApiGatewayV2::Stage').values()];
  expect(stage!.Properties).toMatchObject({
    StageName: 'socketio',
    AutoDeploy: true,
    DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 },
  });
  expect(stage!.DependsOn).toContain(resourcesOf(template, 'AWS::ApiGateway::Account')[0]![0]);
});

function ofApi(type: string): ReadonlyMap<string, TemplateResource> {
  return new Map(resourcesOf(template, type).filter(([, { Properties: p }]) => p['ApiId'].Ref === apiId));
}

function integrationOf(routeKey: string): readonly [string, TemplateResource] {
  const route = [...routes.values()].find(({ Properties: p }) => p['RouteKey'] === routeKey)!;
  const id = route.Properties['Target']['Fn::Join'][1][1].Ref as string;
  return [id, integrations.get(id)!];
}
