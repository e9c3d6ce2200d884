import { fileURLToPath } from 'node:url';

import {
  AllowedMethods,
  CachePolicy,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
  type BehaviorOptions,
} from 'aws-cdk-lib/aws-cloudfront';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source, type ISource } from 'aws-cdk-lib/aws-s3-deployment';
import { Duration, IgnoreMode, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import { logGroup, type LogPolicy } from './retained-logs.ts';

/** The page as it is written: nothing is built. */
const PAGE = fileURLToPath(new URL('../../examples/web', import.meta.url));

/** The stock client for browsers, as its package ships it: one file, beside the page's own. */
const CLIENT_DIRECTORY = fileURLToPath(new URL('../../node_modules/socket.io-client/dist', import.meta.url));
const CLIENT_FILE = 'socket.io.esm.min.js';

/** Notes for whoever reads the folder. */
const NOT_SERVED = ['tsconfig.json', '*.md', '*.ts'];

/** Id of the bucket among the distribution's origins. */
const ORIGIN_ID = 'page';

/**
 * Everything comes from the page's own origin, sockets included, and nothing is written inline. Trusted Types: no text ever
 * becomes markup.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export interface SiteProps {
  readonly logs: LogPolicy;
}

/** The demo page: files in a private bucket that only this deployment's distribution may read. */
export class Site extends Construct {
  /** For the distribution's default behaviour. */
  readonly behaviour: BehaviorOptions;

  constructor(scope: Construct, id: string, props: SiteProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Holds copies only; the deployment empties it before it goes.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#deploy(bucket, logGroup(this, 'Logs', props.logs));
    this.behaviour = {
      // The casts: aws-cdk-lib is not written for exactOptionalPropertyTypes.
      origin: S3BucketOrigin.withOriginAccessControl(bucket as IBucket, { originId: ORIGIN_ID }),
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: this.#headers(),
      // People type the address of a page; nothing secret is in its first request.
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      compress: true,
    };
    acknowledge(this, bucket);
  }

  #deploy(bucket: Bucket, logs: LogGroup): void {
    // Instead of AWSLambdaBasicExecutionRole, which may write to every log group of the account.
    const role = new Role(this, 'FilesRole', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logs.grantWrite(role);
    new BucketDeployment(this, 'Files', {
      sources: [Source.asset(PAGE, { exclude: NOT_SERVED }), stockClient()],
      destinationBucket: bucket as IBucket,
      // Edges and browsers ask whether a file has changed (by its ETag) instead of a deployment telling every edge.
      cacheControl: [CacheControl.noCache()],
      retainOnDelete: false,
      // The AWS CLI, which copies the files, is at home in more than the default of 128 MB.
      memoryLimit: 256,
      role,
      logGroup: logs,
    });
  }

  #headers(): ResponseHeadersPolicy {
    const override = true;
    return new ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: CONTENT_SECURITY_POLICY, override },
        contentTypeOptions: { override },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override },
      },
    });
  }
}

function stockClient(): ISource {
  return Source.asset(CLIENT_DIRECTORY, {
    exclude: ['*', `!${CLIENT_FILE}`],
    ignoreMode: IgnoreMode.GIT,
  });
}

function acknowledge(site: Site, bucket: Bucket): void {
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Its objects are a public page; a log of who read them would need a bucket of its own, and hold addresses.',
  });
  const assets = 'arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*';
  const wildcards = [
    ...['GetBucket', 'GetObject', 'List', 'Abort', 'DeleteObject'].map((action) => `Action::s3:${action}*`),
    ...[assets, `<${Stack.of(site).getLogicalId(bucket.node.defaultChild as CfnBucket)}.Arn>/*`].map(
      (resource) => `Resource::${resource}`,
    ),
  ];
  for (const wildcard of wildcards)
    Validations.of(site).acknowledge({
      id: `AwsSolutions-IAM5[${wildcard}]`,
      reason:
        "aws-cdk-lib's BucketDeployment grants these to what copies the page: of the page's bucket and the CDK's assets.",
    });
  const copier = Stack.of(site).node.children.find(({ node }) =>
    node.id.startsWith('Custom::CDKBucketDeployment'),
  );
  if (copier === undefined) throw new Error('aws-cdk-lib has moved the function of its BucketDeployment');
  Validations.of(copier).acknowledge({
    id: 'AwsSolutions-L1',
    reason: "Code and runtime are aws-cdk-lib's, which moves to a newer Python with its own releases.",
  });
}
