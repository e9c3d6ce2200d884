import { expect, test } from 'vitest';

import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';

const template = templateOf({ stage: { rateLimit: 5, burstLimit: 7 } });
const [apiId] = resourcesOf(template, 'AWS::ApiGatewayV2::Api').find(
  ([, { Properties: p }]) => p['ProtocolType'] === 'HTTP',
)!;

test('the HTTP API sends every method below /socket.io to polling and the rest to rest, payload format 2.0', () => {
  template.hasResourceProperties('AWS::ApiGatewayV2::Api', { Name: 'causeway-http', ProtocolType: 'HTTP' });
  const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').filter(
    ([, { Properties: p }]) => p['ApiId'].Ref === apiId,
  );
  const integrations = Object.fromEntries(resourcesOf(template, 'AWS::ApiGatewayV2::Integration'));
  const served = routes.map(([, { Properties: p }]) => {
    const { Properties: to } = integrations[p['Target']['Fn::Join'][1][1].Ref as string]!;
    expect(to).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
    return [p['RouteKey'], to['IntegrationUri']['Fn::GetAtt'][0]] as const;
  });
  const [rest, polling] = [functionOf(template, 'rest')[0], functionOf(template, 'polling')[0]];
  // A path may or may not end in a slash; which key takes `/socket.io/` is API Gateway's affair.
  expect(Object.fromEntries(served)).toEqual({
    $default: rest,
    'ANY /socket.io': polling,
    'ANY /socket.io/{proxy+}': polling,
  });
});

test('nobody authorizes the HTTP API but its functions: a preflight has no token', () => {
  const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').filter(
    ([, { Properties: p }]) => p['ApiId'].Ref === apiId,
  );
  expect(routes.map(([, { Properties: p }]) => p['AuthorizationType'])).toEqual(routes.map(() => 'NONE'));
});

test('every route may invoke its function', () => {
  const sources = resourcesOf(template, 'AWS::Lambda::Permission')
    .filter(
      ([, { Properties: p }]) => p['FunctionName']['Fn::GetAtt'][0] === functionOf(template, 'polling')[0],
    )
    .map(([, { Properties: p }]) => p['SourceArn']['Fn::Join'][1].at(-1) as string);
  expect(sources.toSorted()).toEqual(['/*/*/socket.io', '/*/*/socket.io/{proxy+}']);
});

test('the HTTP API has a stage without a prefix, throttled as configured', () => {
  template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    ApiId: { Ref: apiId },
    StageName: '$default',
    AutoDeploy: true,
    DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 },
  });
});

test('no access log can hold a token: no header, no query, no body, no authorizer context', () => {
  const stages = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
  expect(stages).toHaveLength(3);
  for (const [, { Properties: p }] of stages) {
    const format = JSON.parse(p['AccessLogSettings'].Format) as Record<string, string>;
    const variables = Object.values(format);
    expect(variables).toContain('$context.requestId');
    for (const variable of variables) {
      expect(variable).toMatch(
        /^\$context\.(requestId|requestTimeEpoch|identity\.sourceIp|routeKey|status|error\.message|integration\.(status|error|latency)|connectionId|eventType|authorizer\.(status|latency)|httpMethod|path|responseLength)$/,
      );
    }
  }
});
