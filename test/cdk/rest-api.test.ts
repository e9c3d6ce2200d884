import { expect, test } from 'vitest';

import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';

const template = templateOf({ stage: { rateLimit: 5, burstLimit: 7 } });
const [apiId] = resourcesOf(template, 'AWS::ApiGatewayV2::Api').find(
  ([, { Properties: p }]) => p['ProtocolType'] === 'HTTP',
)!;

test('the HTTP API sends every path and method to rest, payload format 2.0', () => {
  template.hasResourceProperties('AWS::ApiGatewayV2::Api', { Name: 'causeway-http', ProtocolType: 'HTTP' });
  const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').filter(
    ([, { Properties: p }]) => p['ApiId'].Ref === apiId,
  );
  expect(routes.map(([, { Properties: p }]) => p['RouteKey'])).toEqual(['$default']);
  template.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
    ApiId: { Ref: apiId },
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: { 'Fn::GetAtt': [functionOf(template, 'rest')[0], 'Arn'] },
    PayloadFormatVersion: '2.0',
  });
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
  expect(stages).toHaveLength(2);
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
