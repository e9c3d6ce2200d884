import { expect, test } from 'vitest';

import { NATIVE_ACTIONS, ROUTE } from '../../lambdas/manifest/routes.ts';
import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';

const template = templateOf();
const api = resourcesOf(template, 'AWS::ApiGatewayV2::Api').find(
  ([, { Properties: p }]) => p['Name'] === 'causeway-native',
)!;
const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').filter(
  ([, { Properties: p }]) => p['ApiId'].Ref === api[0],
);

test('the native API selects routes by the action of a frame', () => {
  expect(api[1].Properties).toMatchObject({
    Name: 'causeway-native',
    RouteSelectionExpression: '$request.body.action',
  });
});

test('the native API has exactly the routes of the manifest', () => {
  const keys = routes.map(([, { Properties: p }]) => p['RouteKey'] as string);
  expect(keys.toSorted()).toEqual([...NATIVE_ACTIONS, ...Object.values(ROUTE)].toSorted());
});

test.each([...NATIVE_ACTIONS, ROUTE.default])('route %s answers its sender', (routeKey) => {
  const [id, route] = routes.find(([, { Properties: p }]) => p['RouteKey'] === routeKey)!;
  expect(route.Properties['RouteResponseSelectionExpression']).toBe('$default');
  const responses = resourcesOf(template, 'AWS::ApiGatewayV2::RouteResponse').filter(
    ([, { Properties: p }]) => p['RouteId'].Ref === id,
  );
  expect(responses.map(([, { Properties: p }]) => p['RouteResponseKey'])).toEqual(['$default']);
});

test.each([
  [ROUTE.connect, 'native-connect'],
  [ROUTE.disconnect, 'native-disconnect'],
  ...[...NATIVE_ACTIONS, ROUTE.default].map((action) => [action, 'native-message'] as const),
] as const)('route %s runs %s and may invoke it', (routeKey, name) => {
  const [functionId] = functionOf(template, name);
  const [, route] = routes.find(([, { Properties: p }]) => p['RouteKey'] === routeKey)!;
  const integrationId: string = route.Properties['Target']['Fn::Join'][1][1].Ref;
  const integrations = Object.fromEntries(resourcesOf(template, 'AWS::ApiGatewayV2::Integration'));
  expect(integrations[integrationId]!.Properties['IntegrationType']).toBe('AWS_PROXY');
  expect(JSON.stringify(integrations[integrationId]!.Properties['IntegrationUri'])).toContain(functionId);
  expect(invokers(functionId)).toContain(`${api[0]}/native/${routeKey}`);
});

test('a function may be invoked by no other route or stage than its own', () => {
  const [functionId] = functionOf(template, 'native-message');
  const expected = [...NATIVE_ACTIONS, ROUTE.default].map((routeKey) => `${api[0]}/native/${routeKey}`);
  expect(invokers(functionId).toSorted()).toEqual(expected.toSorted());
});

test('every message route shares one integration', () => {
  const integrations = resourcesOf(template, 'AWS::ApiGatewayV2::Integration').filter(
    ([, { Properties: p }]) => p['ApiId'].Ref === api[0],
  );
  expect(integrations).toHaveLength(3);
});

test('only $connect is authorized, by a REQUEST authorizer without an identity source', () => {
  const [authorizerId, authorizer] = resourcesOf(template, 'AWS::ApiGatewayV2::Authorizer').find(
    ([, { Properties: p }]) => p['ApiId'].Ref === api[0],
  )!;
  expect(authorizer.Properties['AuthorizerType']).toBe('REQUEST');
  expect(authorizer.Properties).not.toHaveProperty('IdentitySource');
  for (const [, { Properties: p }] of routes) {
    const expected = p['RouteKey'] === ROUTE.connect ? { Ref: authorizerId } : undefined;
    expect(p['AuthorizerId'], p['RouteKey']).toEqual(expected);
  }
  const [functionId] = functionOf(template, 'native-authorizer');
  expect(JSON.stringify(authorizer.Properties['AuthorizerUri'])).toContain(functionId);
  expect(invokers(functionId)).toEqual([`${api[0]}/authorizers/${authorizerId}`]);
});

test('the stage deploys by itself, throttles and waits for the role its access log needs', () => {
  const [, stage] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage').find(
    ([, { Properties: p }]) => p['StageName'] === 'native',
  )!;
  expect(stage.Properties).toMatchObject({
    AutoDeploy: true,
    DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
  });
  const account = resourcesOf(template, 'AWS::ApiGateway::Account')[0]![0];
  expect(stage.DependsOn).toContain(account);
});

test('a deployment may leave the log role of API Gateway to the account', () => {
  const without = templateOf({ logs: { accountRole: false } });
  without.resourceCountIs('AWS::ApiGateway::Account', 0);
});

/** What may invoke a function: the source ARNs of its permissions from the API's id on. */
function invokers(functionId: string): readonly string[] {
  return resourcesOf(template, 'AWS::Lambda::Permission')
    .filter(([, { Properties: p }]) => p['FunctionName']['Fn::GetAtt'][0] === functionId)
    .map(([, { Properties: p }]) => {
      const parts: readonly (string | { Ref: string })[] = p['SourceArn']['Fn::Join'][1];
      const text = parts.map((part) => (typeof part === 'string' ? part : part.Ref)).join('');
      return text.slice(text.indexOf(api[0]));
    });
}
