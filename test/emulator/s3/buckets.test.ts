import { afterEach, describe, expect, test } from 'vitest';
import { DOORBELL, startSandbox, type Sandbox, type Template } from '../apigateway/sandbox.ts';

let sandbox: Sandbox;
afterEach(() => sandbox?.close());

type Resources = Template['Resources'];

/** A private bucket behind the distribution's /files/*, which holds what the functions' asset `main` does. */
function addFiles(resources: Resources): void {
  const policy = {
    Statement: [
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 's3:*',
        Resource: { 'Fn::Sub': '${Files.Arn}/*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: { 'Fn::Sub': '${Files.Arn}/*' },
        Condition: {
          StringEquals: {
            'AWS:SourceArn': { 'Fn::Sub': 'arn:aws:cloudfront::${AWS::AccountId}:distribution/${Door}' },
          },
        },
      },
    ],
  };
  Object.assign(resources, {
    Files: { Type: 'AWS::S3::Bucket', Properties: {} },
    FilesPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: { Ref: 'Files' }, PolicyDocument: policy },
    },
    Copy: {
      Type: 'Custom::CDKBucketDeployment',
      Properties: {
        ServiceToken: { 'Fn::GetAtt': ['Main', 'Arn'] },
        DestinationBucketName: { Ref: 'Files' },
        DestinationBucketKeyPrefix: 'files/',
        SourceObjectKeys: ['main.zip'],
        SystemMetadata: { 'cache-control': 'no-cache' },
      },
    },
    Signer: { Type: 'AWS::CloudFront::OriginAccessControl', Properties: {} },
    Headers: {
      Type: 'AWS::CloudFront::ResponseHeadersPolicy',
      Properties: {
        ResponseHeadersPolicyConfig: {
          Name: 'headers',
          SecurityHeadersConfig: {
            ContentTypeOptions: { Override: true },
            StrictTransportSecurity: { AccessControlMaxAgeSec: 60, Override: false },
          },
          CustomHeadersConfig: { Items: [{ Header: 'Cache-Control', Value: 'max-age=1', Override: false }] },
        },
      },
    },
  });
  const { Origins, CacheBehaviors } = configOf(resources);
  Origins.push({
    Id: 'files',
    DomainName: { 'Fn::GetAtt': ['Files', 'RegionalDomainName'] },
    OriginAccessControlId: { 'Fn::GetAtt': ['Signer', 'Id'] },
    S3OriginConfig: { OriginAccessIdentity: '' },
  });
  CacheBehaviors.unshift({
    PathPattern: '/files/*',
    TargetOriginId: 'files',
    CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
    ResponseHeadersPolicyId: { Ref: 'Headers' },
    ViewerProtocolPolicy: 'redirect-to-https',
  });
}

const configOf = (resources: Resources) =>
  resources['Door']!.Properties['DistributionConfig'] as {
    Origins: Record<string, unknown>[];
    CacheBehaviors: Record<string, unknown>[];
  };

const start = async (change?: (resources: Resources) => void) =>
  (sandbox = await startSandbox(
    {},
    ({ Resources }) => {
      addFiles(Resources);
      change?.(Resources);
    },
    DOORBELL,
  ));
const get = (path: string, init: RequestInit = {}) => fetch(`${sandbox.emulator.urls.origin}${path}`, init);

describe('a file of a bucket behind CloudFront', () => {
  test('comes with its type, its metadata and what the behaviour adds', async () => {
    await start();
    const answer = await get('/files/index.mjs');
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('handler')]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/javascript',
      'cache-control': 'no-cache',
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      server: 'AmazonS3',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=60',
      via: expect.stringContaining('(CloudFront)'),
    });
    expect(sandbox.emulator.meter().total).toMatchObject({ edgeRequests: 1, httpRequests: 0 });
  });

  test('is not sent again to whom has it', async () => {
    await start();
    const { headers } = await get('/files/index.mjs');
    const again = await get('/files/index.mjs', { headers: { 'if-none-match': headers.get('etag')! } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await get('/files/index.mjs', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test('is only announced to HEAD', async () => {
    await start();
    const answer = await get('/files/index.mjs', { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(10);
  });

  test.each(['/files/nothing.js', '/files/', '/files/..%2fmanifest.json'])(
    '%s, which is none, is denied: who may not list a bucket is not told what it lacks',
    async (path) => {
      await start();
      const answer = await get(path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([403, 'application/xml']);
      expect(await answer.text()).toContain('<Code>AccessDenied</Code>');
    },
  );

  test('is missed as not found where the bucket may be listed', async () => {
    await start(({ FilesPolicy }) => {
      const { Statement } = FilesPolicy!.Properties['PolicyDocument'] as { Statement: object[] };
      Statement.push({
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:ListBucket',
        Resource: { 'Fn::GetAtt': ['Files', 'Arn'] },
      });
    });
    const answer = await get('/files/nothing.js');
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('NoSuchKey')]);
  });

  test.each<[string, (resources: Resources) => void]>([
    [
      'CloudFront does not sign',
      (resources) => delete configOf(resources).Origins.at(-1)!['OriginAccessControlId'],
    ],
    ['the bucket has no policy', (resources) => delete resources['FilesPolicy']],
    [
      'the policy names another distribution',
      ({ FilesPolicy }) =>
        (allowed(FilesPolicy).Condition.StringEquals['AWS:SourceArn'] =
          'arn:aws:cloudfront::000000000000:distribution/E1'),
    ],
    [
      'a statement denies it',
      ({ FilesPolicy }) => {
        const { Statement } = FilesPolicy!.Properties['PolicyDocument'] as {
          Statement: Record<string, unknown>[];
        };
        delete Statement[0]!['Condition'];
      },
    ],
  ])('is denied when %s', async (...[, change]) => {
    await start(change);
    expect((await get('/files/index.mjs')).status).toBe(403);
  });
});

const allowed = (policy: Resources[string] | undefined) =>
  (
    policy!.Properties['PolicyDocument'] as {
      Statement: { Condition: { StringEquals: Record<string, unknown> } }[];
    }
  ).Statement[1]!;

describe('at the start', () => {
  test.each<[string, (resources: Resources) => void, string]>([
    [
      'files that a deployment filters',
      ({ Copy }) => Object.assign(Copy!.Properties, { Exclude: ['*.map'] }),
      'Include and Exclude',
    ],
    [
      'values known at deployment only',
      ({ Copy }) => Object.assign(Copy!.Properties, { SourceMarkers: [{ '<<a>>': 'b' }] }),
      'known at deployment only',
    ],
    [
      'an asset that is not there',
      ({ Copy }) => Object.assign(Copy!.Properties, { SourceObjectKeys: ['other.zip'] }),
      'other.zip',
    ],
    [
      'a header policy with more than headers',
      ({ Headers }) =>
        Object.assign(Headers!.Properties['ResponseHeadersPolicyConfig'] as object, { CorsConfig: {} }),
      'CorsConfig',
    ],
    [
      'an origin access identity',
      (resources) => {
        configOf(resources).Origins.at(-1)!['S3OriginConfig'] = {
          OriginAccessIdentity: 'origin-access-identity/cloudfront/E1',
        };
      },
      'without an identity',
    ],
    [
      'caching in front of an API',
      (resources) => {
        configOf(resources).CacheBehaviors[0]!['TargetOriginId'] = 'web';
      },
      'nothing is cached here',
    ],
  ])('%s are refused by name', async (...[, change, problem]) => {
    await expect(start(change)).rejects.toThrow(problem);
  });
});
