import { describe, expect, test } from 'vitest';

import { OPERATIONS } from '../../lambdas/http/operations.ts';
import { REST_PATHS } from '../../lambdas/manifest/routes.ts';
import { resourcesOf, templateOf } from './stack-under-test.ts';

const template = templateOf();
const only = (type: string, of = template) => {
  const found = resourcesOf(of, type);
  expect(found, type).toHaveLength(1);
  return found[0]!;
};
const distribution = only('AWS::CloudFront::Distribution')[1].Properties['DistributionConfig'];

/** Managed policy CachingOptimized (CloudFront Developer Guide, "Use managed cache policies"). */
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';

describe('the bucket', () => {
  const [id, bucket] = only('AWS::S3::Bucket');
  const statements = only('AWS::S3::BucketPolicy')[1].Properties['PolicyDocument'].Statement;

  test('is closed to the public in every way', () => {
    expect(bucket.Properties['PublicAccessBlockConfiguration']).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  test('lets this distribution read objects, and nobody do anything else', () => {
    const allowed = statements.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    const [distributionId] = only('AWS::CloudFront::Distribution');
    expect(allowed).toMatchObject([
      {
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: {
          StringEquals: {
            'AWS:SourceArn': { 'Fn::Join': ['', expect.arrayContaining([{ Ref: distributionId }])] },
          },
        },
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [id, 'Arn'] }, '/*']] },
      },
    ]);
  });

  test('is refused in the clear', () => {
    expect(statements).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  test('goes with the stack, whatever the profile', () => {
    for (const profile of ['development', 'production'] as const)
      expect(only('AWS::S3::Bucket', templateOf({ profile }))[1].DeletionPolicy).toBe('Delete');
  });
});

describe('the page', () => {
  const behaviour = distribution.DefaultCacheBehavior;

  test('stands at / and reads the bucket by origin access control', () => {
    expect(distribution.DefaultRootObject).toBe('index.html');
    expect(behaviour).toMatchObject({
      TargetOriginId: 'page',
      CachePolicyId: CACHING_OPTIMIZED,
      ViewerProtocolPolicy: 'redirect-to-https',
      AllowedMethods: ['GET', 'HEAD'],
      Compress: true,
    });
    expect(behaviour).not.toHaveProperty('OriginRequestPolicyId');
    const [accessControl, { Properties }] = only('AWS::CloudFront::OriginAccessControl');
    expect(Properties['OriginAccessControlConfig']).toMatchObject({
      SigningBehavior: 'always',
      SigningProtocol: 'sigv4',
    });
    expect(distribution.Origins.find(({ Id }: { Id: string }) => Id === 'page')).toMatchObject({
      OriginAccessControlId: { 'Fn::GetAtt': [accessControl, 'Id'] },
      S3OriginConfig: { OriginAccessIdentity: '' },
    });
  });

  test('may load and call nothing but its own origin, and be framed by nobody', () => {
    const [id, { Properties }] = only('AWS::CloudFront::ResponseHeadersPolicy');
    expect(behaviour.ResponseHeadersPolicyId).toEqual({ Ref: id });
    const { ContentSecurityPolicy, ...others } =
      Properties['ResponseHeadersPolicyConfig'].SecurityHeadersConfig;
    const directives = ContentSecurityPolicy.ContentSecurityPolicy.split('; ');
    expect(directives).toContain("default-src 'none'");
    expect(directives).toContain("script-src 'self'");
    expect(directives).toContain("frame-ancestors 'none'");
    expect(ContentSecurityPolicy.ContentSecurityPolicy).not.toMatch(/unsafe|https?:|\*/);
    expect(others).toMatchObject({
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY' },
      ReferrerPolicy: { ReferrerPolicy: 'no-referrer' },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000 },
    });
  });

  test('is asked for again when it has changed', () => {
    const [, { Properties }] = only('Custom::CDKBucketDeployment');
    expect(Properties['SystemMetadata']).toEqual({ 'cache-control': 'no-cache' });
    expect(Properties['SourceObjectKeys']).toHaveLength(2);
    expect(Properties['DestinationBucketName']).toEqual({ Ref: only('AWS::S3::Bucket')[0] });
  });

  test('is left out when it is not wanted, and beside an application that asks for none', () => {
    for (const config of [{ page: false }, { app: import.meta.filename }])
      expect(resourcesOf(templateOf(config), 'AWS::S3::Bucket'), JSON.stringify(config)).toEqual([]);
    const both = templateOf({ page: true, app: import.meta.filename });
    expect(resourcesOf(both, 'AWS::S3::Bucket')).toHaveLength(1);
  });
});

describe('paths of the REST API', () => {
  const patterns = distribution.CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern);
  const matches = (path: string) =>
    REST_PATHS.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(path));

  test('go to the HTTP API, every operation and none too many', () => {
    expect(patterns).toEqual(expect.arrayContaining([...REST_PATHS]));
    const paths = OPERATIONS.map(({ path }) => path.replaceAll(/\{\w+\}/g, 'x'));
    for (const path of paths) expect(matches(path) && matches(`/api${path}`), path).toBe(true);
    for (const file of ['/', '/index.html', '/main.js', '/styles/theme.css', '/socket.io.esm.min.js'])
      expect(matches(file), file).toBe(false);
  });
});
