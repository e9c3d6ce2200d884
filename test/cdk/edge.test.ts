import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { ENV } from '../../lambdas/manifest/environment.ts';
import { SOCKETIO } from '../../lambdas/manifest/limits.ts';
import { functionOf, resourcesOf, templateOf } from './stack-under-test.ts';
import { viewerRequest } from './viewer-request.ts';

const template = templateOf();
const distributionOf = (of: typeof template) =>
  resourcesOf(of, 'AWS::CloudFront::Distribution')[0]![1].Properties['DistributionConfig'];
const config = distributionOf(template);
const [functionId, { Properties: fn }] = resourcesOf(template, 'AWS::CloudFront::Function')[0]!;

/** Managed policies (CloudFront Developer Guide, "Use managed cache policies" and "… origin request policies"). */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

/** Of REST, Socket.IO and native protocol, without the page's. */
const behindIt = (distribution: typeof config) =>
  distribution.CacheBehaviors as readonly Record<string, unknown>[];
const originOf = (distribution: typeof config, id: string) =>
  distribution.Origins.find((origin: { Id: string }) => origin.Id === id);

describe('the distribution', () => {
  test('has the HTTP API and the stages of both WebSocket APIs as origins, over https only', () => {
    const origins = ['http', 'native', 'socketio'].map((id) => originOf(config, id));
    for (const origin of origins)
      expect(origin.CustomOriginConfig).toMatchObject({
        OriginProtocolPolicy: 'https-only',
        OriginSSLProtocols: ['TLSv1.2'],
      });
    const [http, native, socketIo] = origins;
    expect(socketIo.OriginPath).toBe('/socketio');
    // The stage is the path clients ask for.
    expect(native).not.toHaveProperty('OriginPath');
    expect(http).not.toHaveProperty('OriginPath');
    expect(origins.map(({ DomainName }) => apiOf(DomainName))).toEqual([
      'causeway-http',
      'causeway-native',
      'causeway-socketio',
    ]);
  });

  test('tells the functions by a key nobody can guess that a request came through it', () => {
    const key = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };
    for (const id of ['http', 'socketio'])
      expect(originOf(config, id).OriginCustomHeaders).toEqual([
        { HeaderName: 'x-causeway-edge', HeaderValue: key },
      ]);
    for (const name of ['rest', 'polling', 'socketio'] as const)
      expect(functionOf(template, name)[1].Properties['Environment'].Variables[ENV.edgeKey]).toEqual(key);
  });

  test('waits longer than a poll is held', () => {
    const { OriginReadTimeout } = originOf(config, 'http').CustomOriginConfig;
    expect(OriginReadTimeout).toBeGreaterThan(SOCKETIO.pollHoldMs / 1000);
  });

  test('passes everything through to the APIs and caches nothing of it, over https only', () => {
    for (const behaviour of behindIt(config))
      expect(behaviour).toMatchObject({
        TargetOriginId: behaviour['PathPattern'] === '/native' ? 'native' : 'http',
        CachePolicyId: CACHING_DISABLED,
        OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
        ViewerProtocolPolicy: 'https-only',
        AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
      });
  });

  test('splits /socket.io, with and without a slash, and nothing else', () => {
    const association = {
      EventType: 'viewer-request',
      FunctionARN: { 'Fn::GetAtt': [functionId, 'FunctionARN'] },
    };
    expect(config.DefaultCacheBehavior).not.toHaveProperty('FunctionAssociations');
    const split = behindIt(config).filter((behaviour) => 'FunctionAssociations' in behaviour);
    expect(split.map((behaviour) => [behaviour['PathPattern'], behaviour['FunctionAssociations']])).toEqual([
      ['/socket.io', [association]],
      ['/socket.io/*', [association]],
    ]);
  });

  test('without the page leaves every other path to the HTTP API', () => {
    const bare = distributionOf(templateOf({ page: false }));
    expect(bare.DefaultCacheBehavior).toMatchObject({
      TargetOriginId: 'http',
      CachePolicyId: CACHING_DISABLED,
    });
    expect(bare.Origins.map((origin: { Id: string }) => origin.Id)).toEqual(['http', 'native', 'socketio']);
    expect(behindIt(bare).map((behaviour) => behaviour['PathPattern'])).toEqual([
      '/socket.io',
      '/socket.io/*',
      '/native',
    ]);
  });
});

describe('the function', () => {
  const { run, origins } = viewerRequest(fn['FunctionCode'] as string);

  test('is published, for runtime 2.0, within 10 KB', () => {
    expect(fn).toMatchObject({ AutoPublish: true, FunctionConfig: { Runtime: 'cloudfront-js-2.0' } });
    const path = fileURLToPath(new URL('../../lib/edge/viewer-request.js', import.meta.url));
    expect(statSync(path).size).toBeLessThan(10 * 1024);
  });

  test.each([
    // stock client, polling and upgrade
    { uri: '/socket.io/', query: { EIO: '4', transport: 'polling' }, sent: '/socket.io/' },
    {
      uri: '/socket.io/',
      query: { EIO: '4', transport: 'websocket', sid: 'x' },
      sent: '/',
      origin: 'socketio',
    },
    // addTrailingSlash: false
    { uri: '/socket.io', query: { transport: 'polling' }, sent: '/socket.io/' },
    { uri: '/socket.io', query: { transport: 'websocket' }, sent: '/', origin: 'socketio' },
    // for the polling function to refuse
    { uri: '/socket.io/', query: {}, sent: '/socket.io/' },
    { uri: '/socket.io/', query: { transport: 'webtransport' }, sent: '/socket.io/' },
    { uri: '/socket.io/', query: { transport: 'WebSocket' }, sent: '/socket.io/' },
    { uri: '/socket.io/socket.io.js', query: {}, sent: '/socket.io/socket.io.js' },
  ])('$uri with $query goes to origin $origin as $sent', ({ uri, query, sent, origin }) => {
    const querystring = Object.fromEntries(Object.entries(query).map(([key, value]) => [key, { value }]));
    const request = { method: 'GET', uri, querystring, headers: {} };
    expect(run(request)).toEqual({ ...request, uri: sent });
    expect(origins()).toEqual(origin === undefined ? [] : [origin]);
  });

  test('names an origin the distribution has', () => {
    run({
      method: 'GET',
      uri: '/socket.io/',
      querystring: { transport: { value: 'websocket' } },
      headers: {},
    });
    expect(config.Origins.map((origin: { Id: string }) => origin.Id)).toContain(origins()[0]);
  });
});

/** Name of the API a host name belongs to. */
function apiOf(domainName: { 'Fn::Join': [string, readonly ({ Ref: string } | string)[]] }): string {
  const [, [api]] = domainName['Fn::Join'];
  const id = (api as { Ref: string }).Ref;
  return Object.fromEntries(resourcesOf(template, 'AWS::ApiGatewayV2::Api'))[id]!.Properties[
    'Name'
  ] as string;
}
